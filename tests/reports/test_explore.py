"""The page to explore rules, as a reader's browser runs it, beside what the notebooks compute."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ngolib.evidence import load_rules, lookup
from ngolib.methods import in_force, reading_days, search_state, strictness
from ngolib.project import Project
from ngolib.reports.explore import pages
from ngolib.reports.plan import own_run, read_plan
from ngolib.verbs import penalty, place, since, strict

from .browsing import CHROMIUM, HEIGHT, NARROW, WCAG, WIDE, faults, violations
from .test_browser import sync_api

HEAVIEST = 400_000
FIRST = 1991

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def file(real: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "index.html"
    path.write_bytes(pages(real, {})["index.html"])
    return path


@pytest.fixture(scope="module")
def page(browser: sync_api.Browser, file: Path) -> Iterator[sync_api.Page]:
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


@pytest.fixture(scope="module")
def rules(real: Project) -> pd.DataFrame:
    fields = list(real.vocabulary("category", "field"))
    return load_rules(categories=fields, project=real)


def days(real: Project) -> pd.DatetimeIndex:
    return reading_days(FIRST, real.closing_day.year, real.closing_day)


def choose(page: sync_api.Page, state: str) -> None:
    page.evaluate("state => { history.replaceState(null, '', state); read(); }", f"#{state}")


def test_the_page_is_light(file: Path) -> None:
    assert file.stat().st_size < HEAVIEST


def test_the_rules_of_every_year_are_those_of_the_notebooks(
    real: Project, page: sync_api.Page, rules: pd.DataFrame
) -> None:
    held = "at => rules.filter(r => within(r[at[1]], at[0])).map(r => r.rule_id)"
    for year, day in enumerate(days(real)):
        now = in_force(rules, day)
        for name, column in (("sure", "certain"), ("perhaps", "possible")):
            assert set(page.evaluate(held, [year, name])) == set(
                rules.loc[now[column], "rule_id"]
            ), (day, name)


def test_the_strictness_of_every_year_is_that_of_the_panel(
    real: Project, page: sync_api.Page, rules: pd.DataFrame
) -> None:
    ladders = real.read_table("ladders").set_index(["category", "rung"])["label"]

    def level(field: str, rung: Any) -> str:
        label = ladders[field, rung]
        return f"{label[0].lower()}{label[1:]} ({rung})"

    panel = strictness(
        rules,
        list(rules["country"].unique()),
        list(real.vocabulary("category", "field")),
        days(real),
    )
    cells = panel[["country", "field", "reading", "year"]].to_numpy().tolist()
    say = f"all => all.map(([c, f, r, y]) => strictness(c, f, r, y - {FIRST}))"
    for cell, said in zip(panel.itertuples(), page.evaluate(say, cells), strict=True):
        if cell.basis == "":
            assert said == "no level is known"
        elif cell.basis == "possible":
            assert said.endswith(f"possibly {level(cell.field, cell.rung_possible)}")
            assert pd.isna(cell.rung) or said.startswith(level(cell.field, cell.rung) + ", ")
        else:
            told = level(cell.field, cell.rung)
            assert said == told + (", start presumed" if cell.basis == "presumed" else "")


def test_what_was_not_searched_is_said(real: Project, page: sync_api.Page) -> None:
    choose(page, "c=UZB,KAZ&f=religion&y=1991")
    said = page.locator("p.levels").all_text_contents()
    states = [search_state(c, "religion", FIRST, FIRST, project=real) for c in ("KAZ", "UZB")]
    assert said == [f"No level is known ({state})." for state in states]
    assert states[1] == "not searched"


def test_a_rule_is_told_in_words_and_leads_to_its_place(
    real: Project, page: sync_api.Page, rules: pd.DataFrame
) -> None:
    choose(page, "c=KAZ&f=foreign_funding&y=2016")
    rule = rules[rules["rule_id"] == "KAZ-2016-foreign-funding-law.foreign_funding"]
    item = page.locator("li", has_text=rule["short"].item())
    assert item.locator("b").text_content() == strict(rule).item()
    text = item.text_content()
    for part in (place(rule).item(), since(rule).item(), "Binds: ", f": {penalty(rule).item()}"):
        assert part in text
    places = set(lookup(rules["rule_id"], project=real)["address"])
    links = page.evaluate("rules.map(r => told(r, 0).querySelector('a').getAttribute('href'))")
    assert {link.removeprefix("../") for link in links} <= places


def test_a_rule_possibly_in_force_is_marked(
    real: Project, page: sync_api.Page, rules: pd.DataFrame
) -> None:
    for day in days(real):
        now = in_force(rules, day)
        unsure = rules[now["possible"] & ~now["certain"]]
        if len(unsure):
            break
    rule = unsure.iloc[0]
    choose(page, f"c={rule.country}&f={rule.category}&y={day.year}")
    item = page.locator("li", has_text=rule.short).first
    assert "possibly in force" in item.text_content()
    assert "possibly" in page.inner_text("#summary")


def test_without_a_choice_two_countries_are_compared_today(
    real: Project, browser: sync_api.Browser, file: Path
) -> None:
    page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
    page.goto(file.as_uri())
    assert page.locator(".sides h3").all_text_contents() == ["Kazakhstan", "Russia"]
    assert page.locator("#rules h2").all_text_contents() == ["Foreign funding"]
    assert page.input_value("#year") == str(real.closing_day.year)
    left, right = (page.locator(".sides > div").nth(n).bounding_box() for n in (0, 1))
    assert left["y"] == right["y"]
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    left, right = (page.locator(".sides > div").nth(n).bounding_box() for n in (0, 1))
    assert left["x"] == right["x"]
    page.close()


def test_the_choice_stands_in_the_address_and_back(browser: sync_api.Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.get_by_label("Uzbekistan").check()
    page.get_by_label("Russia").uncheck()
    page.get_by_label("Field").select_option("All fields")
    page.get_by_label("Year", exact=True).fill("2006")
    page.keyboard.press("Tab")
    assert page.evaluate("location.hash") == "#c=KAZ,UZB&f=all&y=2006"
    shown = page.inner_text("#rules")
    assert page.locator("#rules h2").count() == 9
    page.goto("about:blank")
    page.goto(file.as_uri() + "#c=KAZ,UZB&f=all&y=2006")
    assert page.inner_text("#rules") == shown
    page.close()


def test_the_year_is_chosen_by_keyboard(browser: sync_api.Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri() + "#y=2016")
    page.get_by_label("Year, by slider").focus()
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#year") == "2015"
    assert "at the end of 2015" in page.inner_text("#summary")
    assert page.evaluate("location.hash").endswith("&y=2015")
    page.get_by_label("Year", exact=True).fill("1066")
    page.keyboard.press("Enter")
    assert page.input_value("#year") == "2015"
    page.close()


@pytest.mark.parametrize("state", ["c=ATL&f=magic&y=soon", "y=3000", "c=&f=&y=", "%"])
def test_an_address_that_says_nothing_known_is_no_error(
    browser: sync_api.Browser, file: Path, state: str
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{file.as_uri()}#{state}")
    assert page.inner_text("#summary")
    assert errors == []
    page.close()


@pytest.mark.parametrize("state", ["", "#c=KAZ,RUS&f=all&y=1999", "#c=UZB&f=religion&y=2026"])
def test_the_report_named_can_be_made(
    real: Project, browser: sync_api.Browser, file: Path, state: str
) -> None:
    page = browser.new_page()
    page.goto(file.as_uri() + state)
    command = shlex.split(page.inner_text("#command"))
    assert command[:3] == ["ngolib", "report", "02_restrictions_compared"]
    texts = dict(re.split("=", part, maxsplit=1) for part in command[4::2])
    run = own_run(real, read_plan(real), command[2], texts)
    assert run.parameters["countries"] == texts["countries"].split(",")
    page.close()


def test_a_link_is_copied(browser: sync_api.Browser, file: Path) -> None:
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(file.as_uri())
    page.get_by_text("Copy link").click()
    sync_api.expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{file.as_uri()}#c=KAZ,RUS&f=foreign_funding&y=2026"
    context.close()


def test_the_page_is_sound(browser: sync_api.Browser, file: Path) -> None:
    assert faults(browser, file) == []
    for scheme in ("light", "dark"):
        viewport = {"width": NARROW, "height": HEIGHT}
        page = browser.new_page(viewport=viewport, color_scheme=scheme)
        page.goto(file.as_uri() + "#c=KAZ,RUS,KGZ,UZB&f=all&y=2006")
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW
        assert violations(page, runOnly=WCAG) == []
        page.close()
