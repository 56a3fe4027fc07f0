"""Where the project is, and how tables are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from frictionless import Package, system

from ngolib.errors import DataError, ProjectError, unknown
from ngolib.evidence import load_events
from ngolib.project import ENVIRONMENT, Project

ROOT = Path(__file__).resolve().parents[1]


def test_root_is_found_from_a_folder_below_it(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datapackage.json").write_text('{"resources": []}')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert Project.find().root == tmp_path


def test_root_from_the_environment_must_be_a_project(monkeypatch, tmp_path):
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    with pytest.raises(ProjectError, match=r"datapackage\.json"):
        Project.find()


def test_outside_any_project_the_checkout_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.chdir(tmp_path)
    assert Project.find().root == ROOT


def test_a_project_is_read_once_as_long_as_its_data_are_the_same(copy):
    first, again = Project.find(copy.root), Project.find(copy.root)
    assert first is again
    path = copy.data / "register" / "acts.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nKAZ-1995", "\nKAZ-1994", 1), encoding="utf-8")
    changed = Project.find(copy.root)
    assert changed is not first
    assert any(i.startswith("KAZ-1994") for i in changed.read_table("acts")["process_id"])
    # Content counts, not time: the old text is the old state, however it came back.
    path.write_text(text, encoding="utf-8")
    assert Project.find(copy.root).read_table("acts").equals(first.read_table("acts"))


def test_loaders_see_changed_data_and_nobody_sees_what_another_changes(monkeypatch, copy):
    monkeypatch.setenv(ENVIRONMENT, str(copy.root))
    before = load_events(countries=["KAZ"])
    title = before.loc[0, "title"]
    before.loc[:, "title"] = "changed by one reader"
    before.loc[:, "kind"] = ""
    assert load_events(countries=["KAZ"]).loc[0, "title"] == title

    path = copy.data / "register" / "acts.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(title) >= 1
    path.write_text(text.replace(title, "Act of the test"), encoding="utf-8")
    assert load_events(countries=["KAZ"]).loc[0, "title"] == "Act of the test"


@pytest.mark.parametrize(
    "content", ["title: [a", "- a list\n", "doi: 10.5\n", "a: &a [1, 1]\nurl: [*a, *a]\n"]
)
def test_a_broken_citation_file_is_named(copy, content):
    assert copy.citation_file == {}
    (copy.root / "CITATION.cff").write_text(content, encoding="utf-8")
    with pytest.raises(
        ProjectError, match=r"^CITATION\.cff: (not valid CFF: |found |'doi': |'url': )[^\n]*$"
    ):
        _ = copy.citation_file


def test_every_table_is_valid_by_its_schema(project):
    for name in project.schema:
        assert len(project.read_table(name)) > 0, name


def test_data_package_is_valid_by_frictionless(project):
    with system.use_context(trusted=True):
        report = Package(str(project.data / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:10]


def test_types_of_columns(project):
    statements = project.read_table("statements")
    assert str(statements["start"].dtype) == "Int64"
    assert statements["scheduled"].dtype == bool
    assert all(isinstance(cell, tuple) for cell in statements["categories"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("process_id,layer", "process,layer", "column 'process_id' is missing"),
        (",RUS,", ",RUSS,", "unknown country code 'RUSS'; did you mean 'RUS'?"),
        (",no,yes,", ",nein,yes,", "found 'nein'; allowed: yes, no"),
    ],
)
def test_a_wrong_cell_is_named(copy, old, new, said):
    path = copy.data / "register" / "acts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"register/acts\.csv: row \d+") as error:
        copy.read_table("acts")
    assert said in str(error.value)


def test_unknown_names_the_nearest():
    text = unknown("country", "kaz", ["KAZ", "RUS"])
    assert text == "unknown country 'kaz'; did you mean 'KAZ'? (allowed: KAZ, RUS)"


def test_hashes_cover_every_file_under_data(project):
    hashes = project.input_hashes()
    assert hashes["data/sources/iwpr-2006.txt"] == (
        "a63551bc9936d692816331f4e153a4d17a8cceafa6184bfcfd95965fffb1e352"
    )
    assert list(hashes) == sorted(hashes)


@pytest.mark.parametrize("zone", ["UTC-5", "<+05>-5", "ALMT"])
def test_no_name_of_a_zone_changes_what_a_check_finds(zone):
    command = [sys.executable, "-c", "from ngolib.cli import main; main(['check'])"]
    done = subprocess.run(
        command, env={**os.environ, "TZ": zone}, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "no defect" in done.stdout, done.stderr


def test_import_is_light():
    code = "import sys, ngolib; print([m for m in ('pandas', 'matplotlib') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_conda_environment_takes_everything_from_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python, pip, from_pip = environment["dependencies"]
    assert python == f"python{project['requires-python']}"
    assert pip == "pip"
    assert from_pip == {"pip": ["-e .[lab]"]}
    assert "lab" in project["optional-dependencies"]


def test_locks_hold_no_addresses():
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text(), path.name


def test_locks_agree_with_each_other():
    pins: dict[str, set[str]] = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            if "==" in line and not line.startswith(" "):
                name, rest = line.rstrip(" \\").split("==", 1)
                pins.setdefault(f"{name} {rest.partition(';')[2]}", set()).add(rest)
    assert {k: v for k, v in pins.items() if len(v) > 1} == {}


def test_data_dictionary_names_every_table_and_column(project):
    text = (project.data / "README.md").read_text(encoding="utf-8")
    package = json.loads((project.data / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert f"### `{resource['path']}`" in text
        for field in resource["schema"]["fields"]:
            assert f"| `{field['name']}` |" in text, (resource["name"], field["name"])


def test_all_say_the_same_of_how_to_cite(project):
    """The citation file, the data package, Zenodo's metadata and the Python package agree."""
    python = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = json.loads((project.data / "datapackage.json").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    cff = project.citation_file
    (software,) = [work for work in cff["references"] if work["type"] == "software"]

    assert {str(one["version"]) for one in (cff, software, package, zenodo)} == {python["version"]}
    assert cff["title"] == package["title"] == zenodo["title"]
    assert cff["abstract"] == zenodo["description"]
    assert cff["keywords"] == python["keywords"] == zenodo["keywords"]
    names = [author["name"] for author in cff["authors"]]
    assert names == [contributor["title"] for contributor in package["contributors"]]
    assert names == [creator["name"] for creator in zenodo["creators"]]
    assert cff["authors"] == software["authors"]
    cited = f"{', '.join(names)} ({project.closing_day.year}): {cff['title']}. "
    assert project.citation.startswith(cited)

    assert cff["type"] == zenodo["upload_type"] == "dataset"
    assert cff["license"] == package["licenses"][0]["name"] == zenodo["license"] == "CC-BY-4.0"
    assert software["license"] == python["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert cff["date-released"] == software["date-released"] == package["closing_day"]


# What version 1.2.0 of the format asks for; `test_archive` asks a validator with the whole schema.
CFF_KEYS = {
    *("cff-version", "message", "type", "title", "abstract", "authors", "version"),
    *("date-released", "license", "keywords", "references", "url", "repository-code", "doi"),
}


def test_the_citation_file_holds_what_its_format_asks_for(project):
    cff = project.citation_file
    assert {"cff-version", "message", "title", "authors"} <= set(cff) <= CFF_KEYS
    assert cff["cff-version"] == "1.2.0"
    for work in (cff, *cff["references"]):
        assert {"title", "authors", "type"} <= set(work)
        # Left without quotes a day would be no text, and a version might be a number.
        texts = (work["title"], work["version"], work["date-released"], work["license"])
        assert all(isinstance(text, str) and text.strip() == text != "" for text in texts)
    assert len(set(cff["keywords"])) == len(cff["keywords"]) > 0


def test_a_loader_takes_what_can_be_read_once_only():
    whole = load_events(countries=["KAZ"])
    assert len(load_events(countries=map(str.upper, ["kaz"]))) == len(whole) > 0
    assert len(load_events(name for name in ["register", "corpus"])) == len(load_events())
