from __future__ import annotations

import pytest

from ngolib.errors import ParameterError
from ngolib.project import Project
from ngolib.reports.plan import OWN, check_plan, find_report, own_run, question_of, read_plan

from .conftest import PLAN, run_ngolib, write_notebook

ENTRY = '[[report]]\nslug = "one"\ntitle = "One"\nnotebook = "01_good"\n'


def test_reads_reports_in_order(project: Project) -> None:
    plan = read_plan(project)
    assert [report.slug for report in plan] == ["good", "set", "small"]
    assert plan[1].parameters == {"countries": ["KGZ"], "in_depth": "assembly"}
    assert plan[0].command == "ngolib report good"
    check_plan(project, plan)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[report]", "not valid TOML"),
        ("report = 3", "each report must begin with [[report]]"),
        ("[[reports]]\nslug = 'x'", "unknown key 'reports'; did you mean 'report'?"),
        (ENTRY + "colour = 'red'", "report 'one': unknown key 'colour'"),
        ("[[report]]\ntitle = 'x'\nnotebook = '01_good'", "report 1: 'slug' is missing"),
        (ENTRY + ENTRY, "report 'one' stands there twice"),
        (
            ENTRY.replace("one", "One--x"),
            "'slug': found 'One--x'; allowed: small letters",
        ),
        (
            ENTRY.replace("01_good", "01_god"),
            "report 'one': 'notebook': unknown notebook '01_god'; did",
        ),
        (
            ENTRY + "parameters = 3",
            "report 'one': 'parameters': found 3; allowed: keys",
        ),
    ],
)
def test_a_wrong_plan_is_refused_with_its_entry(project: Project, text: str, said: str) -> None:
    (project.reports / "plan.toml").write_text(text)
    with pytest.raises(ParameterError) as error:
        read_plan(project)
    assert str(error.value).startswith("reports/plan.toml: ")
    assert said in str(error.value)


def test_wrong_parameters_of_the_plan_are_all_named(project: Project) -> None:
    wrong = ENTRY + 'parameters = { countries = ["KAX"], begin = 2000 }\n'
    (project.reports / "plan.toml").write_text(PLAN + wrong)
    with pytest.raises(ParameterError) as error:
        check_plan(project, read_plan(project))
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith("reports/plan.toml: report one: 01_good: ") for line in lines)
    assert "did you mean 'KAZ'?" in str(error.value)


def test_a_notebook_is_found_by_its_name(project: Project) -> None:
    report = find_report(project, read_plan(project), "01_good.ipynb")
    assert OWN in report.slug
    assert (report.slug, report.title) == ("01_good--defaults", "What is good?")


def test_an_unknown_name_lists_what_there_is(project: Project) -> None:
    with pytest.raises(
        ParameterError, match=r"did you mean 'good'.*allowed: good, set, small, 01_good"
    ):
        find_report(project, read_plan(project), "goood")


def test_a_sweep_of_more_reports_than_anybody_wants_is_refused_at_once(project: Project) -> None:
    years = {name: list(range(1000)) for name in ("start", "end", "one", "two", "three")}
    sweep = f"vary = {{{', '.join(f'{name} = {steps}' for name, steps in years.items())}}}"
    entry = f'[[sweep]]\nslug = "s"\ntitle = "s"\nnotebook = "01_good"\n{sweep}\n'
    (project.reports / "plan.toml").write_text(entry)
    with pytest.raises(
        ParameterError, match=r"vary: found 1000000000000000 combinations; allowed: 1000"
    ):
        read_plan(project)


def test_a_title_is_the_first_heading(project: Project) -> None:
    assert question_of(project.notebooks / "02_small.ipynb") == "What is small?"


def test_an_own_run_has_a_slug_of_its_own_and_keeps_what_the_plan_sets(project: Project) -> None:
    run = own_run(project, read_plan(project), "set", {"start": "2000", "countries": "KAZ,KGZ"})
    assert run.title.endswith(" (countries = KAZ,KGZ, start = 2000)")
    assert run.slug == "set--countries-kaz-kgz-start-2000"
    assert run.parameters == {"countries": ["KAZ", "KGZ"], "start": 2000, "in_depth": "assembly"}
    assert run.command == "ngolib report set -p countries=KAZ,KGZ -p start=2000"


def test_the_order_of_settings_does_not_matter(project: Project) -> None:
    plan = read_plan(project)
    one = own_run(project, plan, "good", {"start": "2000", "end": "2001"})
    other = own_run(project, plan, "good", {"end": "2001", "start": "2000"})
    assert one == other


def test_a_long_slug_is_cut_and_stays_apart(project: Project) -> None:
    plan = read_plan(project)
    fields = {"fields": "foreign_funding,assembly", "in_depth": "foreign_funding"}
    slugs = {
        own_run(project, plan, "good", {**fields, "start": year, "end": "2020"}).slug
        for year in ("2000", "2001")
    }
    assert len(slugs) == 2
    assert all(len(slug) <= 90 for slug in slugs)


def test_a_wrong_setting_is_refused(project: Project) -> None:
    with pytest.raises(ParameterError, match="unknown country"):
        own_run(project, read_plan(project), "good", {"countries": "XX"})


SWEEP = """
[[sweep]]
slug = "pairs"
title = "{fields}: {countries}, {start} to {end}"
notebook = "01_good"
parameters = { in_depth = "assembly" }

[sweep.vary]
countries = { pairs = ["KAZ", "RUS", "KGZ"] }
"start, end" = [[1991, 2005], [2006, 2025]]
fields = [["foreign_funding"], ["assembly"]]
"""


def test_values_that_differ_in_signs_alone_have_names_of_their_own(project: Project) -> None:
    sweep = SWEEP.replace(
        'fields = [["foreign_funding"], ["assembly"]]', 'term = ["C", "C++", "C#"]'
    )
    sweep = sweep.replace("{fields}", "{term}")
    (project.reports / "plan.toml").write_text(PLAN + sweep)
    slugs = [report.slug for report in read_plan(project)[3:]]
    assert len(set(slugs)) == 3 * 2 * 3
    assert slugs[0] == "pairs-kaz-rus-1991-2005-c" and slugs[1].startswith(f"{slugs[0]}-")


def test_a_sweep_makes_every_combination(project: Project) -> None:
    (project.reports / "plan.toml").write_text(PLAN + SWEEP)
    plan = read_plan(project)
    check_plan(project, plan)
    assert len(plan) == 3 + 3 * 2 * 2
    first = plan[3]
    assert first.slug == "pairs-kaz-rus-1991-2005-foreign-funding"
    assert first.title == "foreign funding: KAZ, RUS, 1991 to 2005"
    assert first.parameters == {
        "in_depth": "assembly",
        "countries": ["KAZ", "RUS"],
        "start": 1991,
        "end": 2005,
        "fields": ["foreign_funding"],
    }
    assert first.command == "ngolib report pairs-kaz-rus-1991-2005-foreign-funding"
    assert plan[-1].slug == "pairs-rus-kgz-2006-2025-assembly"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pairs = [", "pears = [", "sweep 'pairs': 'countries': a list of values is needed"),
        ('["KAZ", "RUS", "KGZ"]', '["KAZ"]', "'countries': a list of values is needed"),
        (
            "[1991, 2005]",
            "[1991]",
            "'pairs': vary.start, end: each value must be a list of 2",
        ),
        ('"start, end"', '"start, in_depth"', "sweep 'pairs': in_depth is set twice"),
        ("[sweep.vary]", "[sweep.wary]", "unknown key 'wary'; did you mean 'vary'?"),
        ("01_good", "01_god", "sweep 'pairs': 'notebook': unknown notebook '01_god'"),
        (
            '["assembly"]]',
            '["foreign_funding"]]',
            "report 'pairs-kaz-rus-1991-2005-foreign-funding' stands",
        ),
        ("[[sweep]]", "[sweep]", "each sweep must begin with [[sweep]]"),
    ],
)
def test_a_wrong_sweep_is_refused(project: Project, old: str, new: str, said: str) -> None:
    (project.reports / "plan.toml").write_text(PLAN + SWEEP.replace(old, new))
    with pytest.raises(ParameterError) as error:
        read_plan(project)
    assert said in str(error.value)


def test_a_mistyped_placeholder_of_a_sweep_is_named(project: Project) -> None:
    entry = '[[sweep]]\nslug = "s"\ntitle = "Since {stert}?"\nnotebook = "01_good"\n'
    with (project.reports / "plan.toml").open("a") as file:
        file.write(entry + "vary = { start = [2000, 2005] }\n")
    with pytest.raises(
        ParameterError, match="unknown parameter of the title 'stert'; did you mean 'start'"
    ):
        read_plan(project)


def test_no_two_values_share_a_folder(project: Project) -> None:
    cells = [("word: str = 'a'", "parameters")]
    for name in ("03_word", "03_word--old"):
        write_notebook(project.notebooks / f"{name}.ipynb", cells)
    plan, words = read_plan(project), ["NGO", "ngo", "none", "", "kaz"]
    slugs = [own_run(project, plan, "03_word", {"word": word}).slug for word in words]
    slugs.append(own_run(project, plan, "03_word--old", {"word": "kaz"}).slug)
    assert len({*slugs}) == len(slugs), slugs
    assert (
        own_run(project, plan, "good", {"countries": "KAZ,KGZ"}).slug == "good--countries-kaz-kgz"
    )


def test_a_long_name_of_a_sweep_is_cut_and_stays_apart(project: Project) -> None:
    entry = """
[[sweep]]
slug = "s"
title = "Swept"
notebook = "01_good"

[sweep.vary]
countries = [["KAZ", "RUS", "KGZ"]]
fields = [["foreign_funding", "assembly"], ["assembly", "foreign_funding"]]
in_depth = ["foreign_funding"]
start = [1991]
end = [2025]
"""
    long = entry.replace('slug = "s"', f'slug = "{"long-" * 15}s"')
    with (project.reports / "plan.toml").open("a") as plan:
        plan.write(long)
    slugs = [report.slug for report in read_plan(project) if report.slug.startswith("long")]
    assert len({*slugs}) == 2 and all(len(slug) <= 120 for slug in slugs)


def test_a_question_whose_answer_is_gone_is_named(made: Project) -> None:
    with (made.reports / "plan.toml").open("a") as plan:
        plan.write('\n[[question]]\nask = "What?"\nreport = "small"\nfinding = "no-such"\n')
    result = run_ngolib(made, "report")
    assert result.exit_code == 1
    assert "plan.toml: small: unknown finding 'no-such'" in result.output
