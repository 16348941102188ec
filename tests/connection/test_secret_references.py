"""A project's settings file may point to its own secret, and to no other file or variable of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ayx_connection.settings import Settings
from hypothesis import given
from hypothesis import strategies as st

POSIX = pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")
OURS, OTHERS = "secret-of-this-project", "secret-of-somebody-else"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with a project in it; every file inside the project says OURS, every other one OTHERS."""
    home = tmp_path_factory.mktemp("home")
    for folder in ("project/below", "project-2", "elsewhere"):
        (home / folder).mkdir(parents=True)
    for file in ("project/secret", "project/below/secret"):
        (home / file).write_text(OURS)
    for file in ("secret", "project-2/secret", "elsewhere/secret"):
        (home / file).write_text(OTHERS)
    if os.name == "posix":
        (home / "project/out").symlink_to(home / "elsewhere")
        (home / "project/up").symlink_to("..")
        (home / "project/below/link").symlink_to("../../secret")
        (home / "project/in").symlink_to("below")
        (home / "elsewhere/back").symlink_to(home / "project")
    return home


def load(file: Path, reference: str, environ: dict[str, str] | None = None, *, is_own: bool = False) -> Settings:
    file.write_text(f"client_id = 'k'\n{reference}\n", encoding="utf-8")
    files = (None, file) if is_own else (file, None)
    return Settings.load({"base_url": "https://mine.example"}, environ or {}, *files)


def quoted(text: str) -> str:
    escaped = "".join(f"\\U{ord(character):08X}" for character in text)
    return f'"{escaped}"'


PARTS = ["", ".", "..", "~", "~/project", "project", "below", "secret", "out", "up", "in", "link", "back", "project-2"]


@given(
    start=st.sampled_from(["", "/", "~/", "HOME/", "HOME/project/"]), parts=st.lists(st.sampled_from(PARTS), max_size=7)
)
def test_no_spelling_of_a_path_leads_out_of_the_folder(machine: Path, start: str, parts: list[str]) -> None:
    reference = (start + "/".join(parts)).replace("HOME", str(machine))
    project = machine / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(machine))
        patch.setenv("USERPROFILE", str(machine))
        settings = load(project / "ayxctl.toml", f"client_secret_file = {quoted(reference)}")
        leads_to = os.path.realpath(project / Path(reference).expanduser())
    allowed = os.path.commonpath([leads_to, os.path.realpath(project)]) == os.path.realpath(project)
    expected = OURS if allowed and Path(leads_to).name == "secret" and Path(leads_to).is_file() else None
    assert (settings.credentials or (None, None))[1] == expected
    assert bool(settings.problems) is (expected is None)


@pytest.mark.parametrize(
    "reference", ["secret", "below/secret", "./below/../secret", "in/secret", "HOME/project/secret"]
)
def test_a_file_of_the_folder_is_found_however_it_is_written(machine: Path, reference: str) -> None:
    if reference.startswith("in/") and os.name != "posix":
        pytest.skip("needs a link")
    reference = reference.replace("HOME", machine.as_posix())
    assert load(machine / "project/ayxctl.toml", f"client_secret_file = '{reference}'").credentials == ("k", OURS)


@pytest.mark.parametrize(
    "reference", ["../secret", "HOME/secret", "~/secret", "out/secret", "below/link", "../project-2/secret"]
)
def test_the_refusal_names_the_file_and_the_rule(
    machine: Path, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(machine))
    monkeypatch.setenv("USERPROFILE", str(machine))
    line = f"client_secret_file = '{reference.replace('HOME', machine.as_posix())}'"
    file = machine / "project/ayxctl.toml"
    problem = load(file, line).problems[0]
    assert (problem.code, problem.setting) == ("config.setting_invalid", "client_secret")
    assert "in its own folder" in problem.message
    assert "client_secret_file" in problem.origin
    assert load(file, line, is_own=True).credentials == ("k", OTHERS)


@POSIX
def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret")
    problem = load(tmp_path / "ayxctl.toml", "client_secret_file = 'secret'").problems[0]
    assert "no regular file" in problem.message


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0="), min_size=1, max_size=30))
def test_only_variables_of_the_toolkit_are_read(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    file = tmp_path_factory.getbasetemp() / "ayxctl.toml"
    environ = {name: OTHERS}
    settings = load(file, f"client_secret_env = {quoted(name)}", environ)
    assert (settings.credentials is not None) is name.startswith("ALTERYX_")
    assert load(file, f"client_secret_env = {quoted(name)}", environ, is_own=True).credentials == ("k", OTHERS)


@pytest.mark.parametrize(
    "name", ["AWS_SECRET_ACCESS_KEY", "MY_ALTERYX_SECRET", "alteryx_secret", "ALTERYX", " ALTERYX_X"]
)
def test_a_variable_of_another_program_is_refused_even_in_a_named_file(tmp_path: Path, name: str) -> None:
    settings = load(tmp_path / "ayxctl.toml", f"client_secret_env = '{name}'", {name: OTHERS})
    assert settings.credentials is None
    assert "begins with ALTERYX_" in settings.problems[0].message
    assert OTHERS not in repr(settings)


def test_the_projects_own_variable_is_read(tmp_path: Path) -> None:
    environ = {"ALTERYX_TEST_SECRET": OURS}
    settings = load(tmp_path / "ayxctl.toml", "client_secret_env = 'ALTERYX_TEST_SECRET'", environ)
    assert settings.credentials == ("k", OURS)
