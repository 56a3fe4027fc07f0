from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngolib.errors import ParameterError
from ngolib.params import (
    Parameter,
    check_values,
    parameters_in,
    parameters_of,
    parse_values,
)
from ngolib.project import Project

from .conftest import PARAMETERS, write_notebook


@pytest.fixture
def notebook(project: Project) -> Path:
    return project.notebooks / "01_good.ipynb"


def checked(project: Project, notebook: Path, **texts: str) -> dict:
    return check_values(notebook, parse_values(notebook, texts), project)


def test_reads_name_type_default_and_help(notebook: Path) -> None:
    assert parameters_of(notebook)[:2] == [
        Parameter("countries", "list[Country]", ["KAZ", "RUS"], "countries compared"),
        Parameter("start", "Year", 1991, "first year"),
    ]


def test_a_number_sign_in_a_text_is_no_help() -> None:
    (parameter,) = parameters_in('word: str = "a # b"', "cell")
    assert (parameter.default, parameter.help) == ("a # b", "")


def test_defaults_are_filled_in_and_keep_their_order(project: Project, notebook: Path) -> None:
    values = checked(project, notebook, end="2000")
    assert list(values) == ["countries", "start", "end", "fields", "in_depth"]
    assert values == {
        "countries": ["KAZ", "RUS"],
        "start": 1991,
        "end": 2000,
        "fields": [],
        "in_depth": None,
    }


@pytest.mark.parametrize(
    ("text", "value"), [("KAZ", ["KAZ"]), ("KAZ,KGZ", ["KAZ", "KGZ"]), ("KGZ, KAZ", ["KGZ", "KAZ"])]
)
def test_lists_are_read_from_text(project: Project, notebook: Path, text: str, value: list) -> None:
    assert checked(project, notebook, countries=text)["countries"] == value


def test_nothing_is_an_empty_list_or_none(project: Project, notebook: Path) -> None:
    values = checked(project, notebook, fields="", in_depth="")
    assert values["fields"] == []
    assert values["in_depth"] is None


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"countries": "KAX"}, "parameter countries: unknown country 'KAX'; did you mean 'KAZ'?"),
        ({"countries": "KAX"}, "(allowed: KAZ, RUS, KGZ)"),
        ({"countries": ""}, "parameter countries: found none; allowed: at least one"),
        ({"countries": "KAZ,KAZ"}, "parameter countries: 'KAZ' is given twice"),
        ({"fields": "harassment"}, "unknown field 'harassment' (allowed: foreign_funding"),
        ({"in_depth": "asembly"}, "unknown field 'asembly'; did you mean 'assembly'?"),
        ({"start": "2010", "end": "2005"}, "parameter start: 2010 is after end, 2005"),
        ({"start": "2028", "end": "2030"}, "parameter start: 2028 is after end, 2026"),
        ({"start": "1800"}, "parameter start: found 1800; allowed: a year from 1991 to 2030"),
        ({"start": "soon"}, "parameter start: found 'soon'; allowed: a year from 1991 to 2030"),
        ({"contries": "KAZ"}, "unknown parameter 'contries'; did you mean 'countries'?"),
    ],
)
def test_a_wrong_value_names_notebook_parameter_and_what_is_allowed(
    project: Project, notebook: Path, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(ParameterError) as error:
        checked(project, notebook, **texts)
    assert str(error.value).startswith("01_good: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ({"countries": "KAZ"}, "found 'KAZ'; allowed: a list"),
        ({"countries": [1]}, "unknown country '1' (allowed: KAZ, RUS, KGZ)"),
        ({"start": True}, "a year from 1991 to 2030"),
        ({"start": "2005"}, "a year from 1991 to 2030"),
        ({"countries": ["\udcff"]}, r"unknown country '\udcff' (allowed: KAZ"),
        ({"in_depth": 3}, "unknown field '3' (allowed: foreign_funding, assembly), or nothing"),
    ],
)
def test_a_value_of_another_type_is_refused_not_converted(
    project: Project, notebook: Path, value: dict, allowed: str
) -> None:
    with pytest.raises(ParameterError, match="allowed: ") as error:
        check_values(notebook, value, project)
    assert allowed in str(error.value)


@pytest.mark.parametrize(
    ("type_", "value", "said"),
    [
        ("bool", 1, "found 1; allowed: true or false"),
        ("float", "x", "found 'x'; allowed: a number"),
        ("str", 1, "found 1; allowed: a text"),
        ("list[int]", ["1"], "found '1'; allowed: a whole number"),
        ("Layer", "corpora", "unknown x 'corpora'; did you mean 'corpus'? (allowed: corpus, regi"),
        ("Literal[1, 2]", 3, "unknown x '3' (allowed: 1 or 2)"),
    ],
)
def test_every_kind_of_type_says_what_it_allows(
    project: Project, type_: str, value: object, said: str
) -> None:
    path = project.notebooks / "03_typed.ipynb"
    write_notebook(path, [(f"x: {type_} = {value!r}", "parameters")])
    with pytest.raises(ParameterError) as error:
        check_values(path, {}, project)
    assert f"parameter x: {said}" in str(error.value)


def test_an_end_that_is_none_is_the_closing_day(project: Project) -> None:
    path = project.notebooks / "03_period.ipynb"
    cell = "start: Year = 1991\nend: Year | None = None  # none = the register's closing day"
    write_notebook(path, [(cell, "parameters")])
    year = project.closing_day.year
    for text in ("", "none", "None"):
        values = check_values(path, parse_values(path, {"end": text}), project)
        assert values == {"start": 1991, "end": None}
    assert check_values(path, {"start": year}, project)["start"] == year
    with pytest.raises(ParameterError) as error:
        check_values(path, {"start": year + 1}, project)
    assert f"parameter start: {year + 1} is after end, {year}" in str(error.value)


def test_every_wrong_parameter_is_named(project: Project, notebook: Path) -> None:
    with pytest.raises(ParameterError) as error:
        check_values(notebook, {"countries": ["X"], "start": 1}, project)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1", "line 1: it does not declare a parameter"),
        ("# a note\n\nx: int", "line 3: it does not declare a parameter"),
        ("x: int = 1\ny: int = f()", "line 2: the default must be a plain value"),
        ("x: Contry = 'KAZ'", "line 1: unknown type 'Contry'; did you mean 'Country'?"),
        ("x: list[\nCountry] = []", "line 1: it spans several lines"),
        ("x: dict[str, int] = {}", "line 1: type 'dict[str, int]' is not understood"),
        ("x: int | str = 1", "line 1: type 'int | str' is not understood"),
        ("x: int = 1\nx: int = 2", "line 2: 'x' was declared before"),
        ("x: int = ", "line 1: "),
    ],
)
def test_a_line_of_another_form_is_named(source: str, said: str) -> None:
    with pytest.raises(ParameterError) as error:
        parameters_in(source, "nb.ipynb, cell 3")
    assert said in str(error.value)
    assert "name: type = default" in str(error.value)


def test_two_cells_of_parameters_are_refused(project: Project) -> None:
    path = project.notebooks / "03_two.ipynb"
    write_notebook(path, [(PARAMETERS, "parameters"), (PARAMETERS, "parameters")])
    with pytest.raises(ParameterError, match="cells 1, 2 are tagged"):
        parameters_of(path)


def test_what_an_earlier_run_injected_is_refused(project: Project) -> None:
    path = project.notebooks / "03_two.ipynb"
    write_notebook(path, [(PARAMETERS, "parameters"), ("x = 1", "injected-parameters")])
    with pytest.raises(ParameterError, match=r"cell 2: tagged 'injected-parameters'.*delete it"):
        parameters_of(path)


def odd_notebook(**odd: object) -> str:
    cell = {"cell_type": "code", "source": "1", "metadata": {}} | odd
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return json.dumps(whole | {name: odd[name] for name in whole if name in odd})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        "null",
        odd_notebook(cell_type=5),
        odd_notebook(source={"a": 1}),
        odd_notebook(source=[1]),
        odd_notebook(attachments=5),
        odd_notebook(metadata=None),
        odd_notebook(nbformat=3),
        odd_notebook(nbformat_minor="x"),
    ],
)
def test_a_file_that_is_no_notebook_is_named(project: Project, content: str) -> None:
    path = project.notebooks / "03_broken.ipynb"
    path.write_text(content)
    with pytest.raises(
        ParameterError, match=r"03_broken\.ipynb: .*(allowed: |missing|not valid JSON)"
    ):
        parameters_of(path)


def test_a_notebook_without_parameters_has_none(project: Project) -> None:
    assert check_values(project.notebooks / "02_small.ipynb", {}, project) == {}


def test_a_wrong_default_is_found_too(project: Project) -> None:
    path = project.notebooks / "03_wrong.ipynb"
    write_notebook(path, [('country: Country = "XXX"', "parameters")])
    with pytest.raises(ParameterError, match="unknown country 'XXX'"):
        check_values(path, {}, project)


ROOT = Path(__file__).resolve().parents[2]
plain = st.one_of(
    st.booleans().map(lambda v: ("bool", v)),
    st.integers(-1000, 1000).map(lambda v: ("int", v)),
    st.text(st.characters(categories=["L", "N"]), min_size=1).map(lambda v: ("str", v)),
    st.lists(st.integers(0, 99), unique=True).map(lambda v: ("list[int]", v)),
    st.sampled_from(["corpus", "register"]).map(lambda v: ("Layer", v)),
    st.just(("int | None", None)),
)


@given(plain)
def test_a_default_written_as_text_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, declared: tuple[str, object]
) -> None:
    from ngolib.params import to_text

    type_, value = declared
    path = tmp_path_factory.getbasetemp() / "written.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}}
    cell["source"] = f"x: {type_} = {value!r}"
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(whole), encoding="utf-8")
    parsed = parse_values(path, {"x": to_text(value)})
    assert parsed == {"x": value}
    assert check_values(path, parsed, Project(ROOT)) == parsed
