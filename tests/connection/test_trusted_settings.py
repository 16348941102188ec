"""A settings file that was found in the working folder decides about nothing that matters until it is trusted."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from ayx_connection import connect
from ayx_connection.failures import SettingsError
from ayx_connection.settings import (
    DECLARATIONS,
    NEED_TRUST,
    Settings,
    SettingsFileError,
    TrustedFiles,
    TrustedFilesError,
    files,
    load_settings_file,
    trust_command,
)
from ayx_connection.settings.trusted_files import LIST_NAME
from hypothesis import given
from hypothesis import strategies as st

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions, links and pipes as POSIX has them")
UNTRUSTED = "config.untrusted_file"
#: key of a file -> (value in TOML, setting, the same setting from a stronger source)
SENSITIVE = {
    "base_url": ("'https://evil.example'", "base_url", {"base_url": "https://mine.example"}),
    "proxy": ("'http://evil.example:1'", "proxy", {"proxy": "http://mine.example:1"}),
    "no_proxy_at_all": ("true", "no_proxy_at_all", {"no_proxy_at_all": False}),
    "ca_bundle": ("'ca.pem'", "ca_bundle", {"ca_bundle": "/mine.pem"}),
    "client_cert": ("'cert.pem'", "client_cert", {"client_cert": "/mine.pem"}),
    "client_key": ("'key.pem'", "client_key", {"client_key": "/mine.pem", "client_cert": "/mine.pem"}),
    "verify": ("false", "verify", {"verify": True}),
    "allow_http": ("true", "allow_http", {"allow_http": False}),
    "client_secret_env": ("'ALTERYX_OTHER'", "client_secret", {"client_secret": "my-secret"}),
    "client_secret_file": ("'secret'", "client_secret", {"client_secret": "my-secret"}),
}
ENVIRON = {"ALTERYX_BASE_URL": "https://mine.example", "ALTERYX_OTHER": "another-secret"}
EVERY_KEY = pytest.mark.parametrize("key", SENSITIVE)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the user's own settings file lies, after a change to an empty working folder."""
    path = tmp_path / "home" / "ayxctl.toml"
    path.parent.mkdir()
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: path)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return path


def write(text: str, path: Path = Path("ayxctl.toml")) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def trust(own: Path, path: Path = Path("ayxctl.toml")) -> None:
    file = load_settings_file(path)
    TrustedFiles.load(own.with_name(LIST_NAME)).trusting(file.path, file.sha256).save()


def load(environ: dict[str, str] | None = None, **options: object) -> Settings:
    return Settings.load(options, environ or {})


def codes(settings: Settings) -> list[str]:
    return [problem.code for problem in settings.problems]


def test_the_table_here_has_every_setting_that_needs_trust() -> None:
    assert set(SENSITIVE) == NEED_TRUST


@EVERY_KEY
@pytest.mark.usefixtures("own")
def test_a_found_file_gives_nothing_that_matters(key: str) -> None:
    value, name, _ = SENSITIVE[key]
    path = write(f"{key} = {value}")
    environ = dict(ENVIRON)
    if name == "base_url":
        del environ["ALTERYX_BASE_URL"]
    settings = load(environ)
    given = getattr(settings, name)
    assert given.value == getattr(Settings(), name).value
    assert given.origin.startswith("ayxctl.toml")
    assert given.origin.endswith("(not trusted)")
    assert codes(settings) == [UNTRUSTED]
    problem = settings.problems[0]
    assert key in problem.message
    assert trust_command(path.resolve()) in problem.remedy
    with pytest.raises(SettingsError) as caught:
        settings.check()
    assert (caught.value.code, "\n" in str(caught.value)) == (UNTRUSTED, False)
    assert all(part in str(caught.value) for part in ("ayxctl.toml", key, "ayxctl config trust"))


@EVERY_KEY
@pytest.mark.parametrize("title", ["[profiles.test]", "profile = 'test'\n[profiles.test]"])
@pytest.mark.usefixtures("own")
def test_a_profile_of_a_found_file_gives_no_more(key: str, title: str) -> None:
    write(f"{title}\n{key} = {SENSITIVE[key][0]}")
    settings = load(ENVIRON if key != "base_url" else {}, profile="test" if title.startswith("[") else None)
    assert codes(settings) == [UNTRUSTED]
    assert settings.profile.value == "test"
    other = load({**ENVIRON, "ALTERYX_PROFILE": ""}, base_url="https://mine.example")
    assert other.is_untrusted is ("profile =" in title and key != "base_url")


@EVERY_KEY
def test_what_a_stronger_source_says_makes_the_files_word_harmless(key: str, own: Path) -> None:
    write(f"{key} = {SENSITIVE[key][0]}\nclient_id = 'k'")
    stronger = {"base_url": "https://mine.example", "client_secret": "my-secret", **SENSITIVE[key][2]}
    assert codes(load(ENVIRON, **stronger)) == []
    trust(own)
    assert codes(load(ENVIRON, **stronger)) == []


@EVERY_KEY
def test_nothing_weaker_takes_the_files_place(key: str, own: Path) -> None:
    write(f"{key} = {SENSITIVE[key][0]}")
    write(f"{key} = {SENSITIVE[key][0]}\nclient_id = 'k'", own)
    settings = load(ENVIRON if key != "base_url" else {})
    assert codes(settings)[0] == UNTRUSTED
    assert getattr(settings, SENSITIVE[key][1]).value == getattr(Settings(), SENSITIVE[key][1]).value


@pytest.mark.usefixtures("own")
def test_what_sends_nothing_elsewhere_counts_in_any_file() -> None:
    write(
        "client_id = 'k'\nclient_auth = 'body'\nconnect_timeout = 1\nread_timeout = 2\nmax_time = 3\n"
        "max_answer_bytes = 4\n"
        "profile = 'p'\n[profiles.p]"
    )
    settings = load(ENVIRON, client_secret="s")
    assert settings.problems == ()
    harmless = [d.name for d in DECLARATIONS if d.key and d.key not in NEED_TRUST]
    assert {name: getattr(settings, name).value for name in harmless} == {
        "client_id": "k",
        "client_auth": "body",
        "connect_timeout": 1.0,
        "read_timeout": 2.0,
        "max_time": 3.0,
        "max_answer_bytes": 4,
        "profile": "p",
    }, "a new setting: does it decide where the secret goes (needs_trust), or does it belong here?"


def test_a_found_file_does_not_choose_among_the_users_own_servers(own: Path) -> None:
    write("profile = 'production'")
    write("base_url = 'https://test.example'\n[profiles.production]\nbase_url = 'https://production.example'", own)
    settings = load()
    assert codes(settings) == [UNTRUSTED]
    assert "profile" in settings.problems[0].message
    assert load(profile="production").base_url.value == "https://production.example"
    trust(own)
    assert load().base_url.value == "https://production.example"


def test_a_trusted_file_counts_until_it_changes(own: Path) -> None:
    path = write("base_url = 'https://mine.example'\nproxy = 'http://p:1'")
    trust(own)
    settings = load()
    assert settings.problems == ()
    assert settings.base_url.value == "https://mine.example"
    assert settings.address_origin == "ayxctl.toml"
    write("base_url = 'https://evil.example'\nproxy = 'http://p:1'")
    changed = load()
    assert codes(changed) == [UNTRUSTED]
    assert "changed since it was trusted" in changed.problems[0].message
    trusted = TrustedFiles.load(own.with_name(LIST_NAME))
    trusted.without(path).save()
    assert "never trusted" in load().problems[0].message


def test_trust_is_for_one_path(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "base_url = 'https://mine.example'"
    write(text)
    trust(own)
    other = tmp_path / "worktree"
    other.mkdir()
    monkeypatch.chdir(other)
    write(text)
    assert codes(load()) == [UNTRUSTED]


@pytest.mark.parametrize("by", ["argument", "option", "environment"])
def test_a_file_that_was_named_counts_and_replaces_the_one_found(by: str, own: Path, tmp_path: Path) -> None:
    write("base_url = 'https://evil.example'\nproxy = 'http://evil.example:1'")
    named = write("base_url = 'https://mine.example'", tmp_path / "named.toml")
    settings = {
        "argument": lambda: Settings.load({}, {}, named),
        "option": lambda: Settings.load({"config": named}, {"ALTERYX_CONFIG": "no-such-file"}),
        "environment": lambda: Settings.load({}, {"ALTERYX_CONFIG": str(named)}),
    }[by]()
    assert settings.problems == ()
    assert settings.base_url.value == "https://mine.example"
    assert settings.proxy.value is None
    assert own.parent.is_dir()


@pytest.mark.parametrize("name", ["no-such.toml", ".", "a\0b", 5])
@pytest.mark.usefixtures("own")
def test_a_named_file_that_cannot_be_read_is_a_problem_and_not_the_one_found(name: object) -> None:
    write("read_timeout = 1")
    settings = load(ENVIRON, config=name)
    assert codes(settings) == ["config.setting_invalid"]
    assert settings.read_timeout.is_default


def test_no_project_file_at_all_is_none_by_name_either(own: Path) -> None:
    named = write("base_url = 'https://mine.example'")
    assert Settings.load({}, {"ALTERYX_CONFIG": str(named)}, None).base_url.value is None
    assert not own.exists()


def test_the_users_own_file_is_trusted_wherever_it_is_met(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("base_url = 'https://mine.example'\nclient_id = 'k'\nclient_secret_env = 'MINE'", own)
    monkeypatch.chdir(own.parent)
    for settings in (load({"MINE": "secret"}), load({"MINE": "secret"}, config="ayxctl.toml")):
        assert settings.problems == ()
        assert settings.credentials == ("k", "secret")


@POSIX
def test_a_link_is_the_file_that_it_leads_to(own: Path, tmp_path: Path) -> None:
    """A link to a trusted file must not make the link's folder the place of its CA file and its secret."""
    project = tmp_path / "project"
    project.mkdir()
    real = write("base_url = 'https://mine.example'\nca_bundle = 'ca.pem'", project / "ayxctl.toml")
    Path("ayxctl.toml").symlink_to(real)
    assert str(real) in load().problems[0].remedy
    trust(own)
    settings = load()
    assert settings.problems == ()
    assert settings.ca_bundle.value == project / "ca.pem"


@POSIX
def test_a_link_to_the_users_own_file_is_the_users_own_file(own: Path) -> None:
    write("base_url = 'https://mine.example'", own)
    Path("ayxctl.toml").symlink_to(own)
    assert load().problems == ()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@POSIX
@pytest.mark.parametrize(
    "make",
    [
        Path.mkdir,
        _fifo,
        _link_to_itself,
        _device,
        lambda path: path.write_bytes(b"#" * 70000),
        lambda path: path.write_text("a = " + "[" * 20000),
        lambda path: path.write_text("a = " + "1" * 5000),
    ],
    ids=["folder", "pipe", "circle", "device", "long", "nested", "number"],
)
def test_what_is_no_settings_file_is_a_problem_at_once(make: Callable[[Path], object], own: Path) -> None:
    make(Path("ayxctl.toml"))
    assert codes(load(ENVIRON)) == ["config.setting_invalid"]
    make(own)
    assert codes(load(ENVIRON, config=own)) == ["config.setting_invalid"] * 2


def test_the_bytes_that_were_hashed_are_the_bytes_that_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("max_time = 1", tmp_path / "ayxctl.toml")
    read = files.read_regular_file

    def read_then_replaced(path: Path, most_bytes: int) -> bytes:
        content = read(path, most_bytes)
        write("max_time = 2", path)
        return content

    monkeypatch.setattr(files, "read_regular_file", read_then_replaced)
    file = load_settings_file(path)
    assert file.content == {"max_time": 1}
    assert file.sha256 == hashlib.sha256(b"max_time = 1").hexdigest()


def test_without_a_home_folder_nothing_beside_the_script_is_the_users_own(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown user without HOME has ``~`` for a home folder, which would lie in the working folder."""
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: Path("~/ayxctl/ayxctl.toml"))
    inside = Path("~/ayxctl")
    inside.mkdir(parents=True)
    write("base_url = 'https://evil.example'", inside / "ayxctl.toml")
    write("proxy = 'http://evil.example:1'")
    file = load_settings_file(Path("ayxctl.toml"))
    TrustedFiles((inside / LIST_NAME).absolute(), {}).trusting(file.path, file.sha256).save()
    settings = load()
    assert settings.base_url.value is None
    assert codes(settings)[0] == UNTRUSTED
    assert "no home folder" in settings.problems[0].message
    assert not own.exists()


@POSIX
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_list_that_others_can_write_is_not_believed(mode: int, own: Path) -> None:
    write("base_url = 'https://evil.example'")
    trust(own)
    assert load().problems == ()
    own.with_name(LIST_NAME).chmod(mode)
    assert "others can write it" in load().problems[0].message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_list_of_another_user_is_not_believed(own: Path) -> None:
    write("base_url = 'https://evil.example'")
    trust(own)
    os.chown(own.with_name(LIST_NAME), 12345, -1)
    assert "belongs to another user" in load().problems[0].message


@pytest.mark.parametrize("content", ["", "[]", "{", '{"files": []}', '{"files": {"a": 1}}', "\udcff", "[" * 100000])
def test_a_list_that_is_none_trusts_nothing(content: str, own: Path) -> None:
    write("base_url = 'https://evil.example'")
    own.with_name(LIST_NAME).write_bytes(content.encode("utf-8", "surrogateescape"))
    settings = load()
    assert codes(settings) == [UNTRUSTED]
    assert LIST_NAME in settings.problems[0].message
    write("read_timeout = 1")
    assert load(ENVIRON).problems == ()  # such a file needs no trust


FRAGMENTS = st.sampled_from(
    [
        "base_url",
        "=",
        "'x'",
        '"',
        "[",
        "]",
        "{",
        "}",
        "[profiles.a]",
        "\n",
        "1",
        "9" * 5000,
        "#",
        "\\u",
        ".",
        "\0",
        "\xff",
    ]
)
CONTENT = st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS).map(lambda parts: "".join(parts).encode("latin-1")))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["files", "a"]), inner, max_size=2),
)


@given(CONTENT)
def test_any_content_is_a_settings_file_or_a_reason_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    try:
        file = load_settings_file(path)
    except SettingsFileError as error:
        reason = str(error)
        assert reason
        assert "\n" not in reason
        return
    assert file.content == tomllib.loads(content.decode())
    assert file.sha256 == hashlib.sha256(content).hexdigest()


@given(st.one_of(st.binary(max_size=100), VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_content_is_a_list_or_a_reason_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / LIST_NAME
    path.write_bytes(content)
    path.chmod(0o600)
    try:
        trusted = TrustedFiles.load(path)
    except TrustedFilesError as error:
        reason = str(error)
        assert str(path) in reason
        assert "\n" not in reason
        return
    assert set(map(type, trusted.digests.values())) <= {str}
    assert trusted.standing(path, "0" * 64) == "unknown"


@POSIX
def test_the_list_is_the_users_alone_and_replaces_a_link(own: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text('{"files": {}}')
    target.chmod(0o600)
    own.with_name(LIST_NAME).symlink_to(target)
    write("base_url = 'https://mine.example'")
    trust(own)
    kept = own.with_name(LIST_NAME)
    assert (kept.is_symlink(), kept.stat().st_mode & 0o777) == (False, 0o600)
    assert target.read_text() == '{"files": {}}'
    assert sorted(path.name for path in own.parent.iterdir()) == [LIST_NAME]


@pytest.mark.usefixtures("own")
def test_connect_refuses_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTERYX_CLIENT_ID", "k")
    monkeypatch.setenv("ALTERYX_CLIENT_SECRET", "my-secret")
    path = write("base_url = 'https://mine.example'")
    with pytest.raises(SettingsError, match="base_url") as caught:
        connect()
    assert (caught.value.code, caught.value.stage) == (UNTRUSTED, "config")
    with pytest.raises(SettingsError, match=r"ayxctl\.toml"):
        connect(proxy="http://p:1")
    for server in (
        connect("https://mine.example"),
        connect(config=path),
        connect(settings=Settings.load({}, None, path)),
    ):
        server.close()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("plain/ayxctl.toml", "plain/ayxctl.toml"),
        ("größe/ayxctl.toml", "größe/ayxctl.toml"),
        ("two words/ayxctl.toml", "two words/ayxctl.toml"),
        ("$(touch x)/ayxctl.toml", "$(touch x)/ayxctl.toml"),
        ("a'b;c/ayxctl.toml", "a'b;c/ayxctl.toml"),
        ("line\nend/ayxctl.toml", None),
        ("\x1b]0;x\x07/ayxctl.toml", None),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="quoting as POSIX shells read it")
def test_the_command_is_read_by_a_shell_as_it_is_meant(name: str, typed: str | None) -> None:
    import shlex

    words = shlex.split(trust_command(Path("/srv") / name))
    assert words == ["ayxctl", "config", "trust", *([f"/srv/{typed}"] if typed else [])]


def test_on_windows_the_command_has_no_character_that_a_shell_there_expands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "name", "nt")
    monkeypatch.setattr(files, "short_path", str)
    typed = {name: trust_command(name) for name in (r"C:\plain\a.toml", r"C:\two words\a.toml", r"C:\$(x)\a.toml")}  # type: ignore[arg-type]
    assert list(typed.values()) == [
        r"ayxctl config trust C:\plain\a.toml",
        r'ayxctl config trust "C:\two words\a.toml"',
        "ayxctl config trust",
    ]
