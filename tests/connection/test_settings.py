from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from ayx_connection.failures import SettingsError
from ayx_connection.redaction import revealed
from ayx_connection.settings import DECLARATIONS, Setting, Settings, user_file_path
from ayx_connection.settings.kinds import FLAG
from hypothesis import given
from hypothesis import strategies as st

SECRET = "0123456789abcdef" * 4


def load(
    options: dict[str, object] | None = None,
    environ: dict[str, str] | None = None,
    project: Path | None = None,
    user: Path | None = None,
) -> Settings:
    return Settings.load({"base_url": "https://host", **(options or {})}, environ or {}, project, user)


def toml(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def problems(settings: Settings) -> list[tuple[str, str]]:
    return [(problem.code, problem.setting) for problem in settings.problems]


def test_every_declared_setting_is_a_field_and_the_defaults_agree() -> None:
    settings = load({"base_url": None})
    plain = Settings()
    for declaration in DECLARATIONS:
        assert getattr(settings, declaration.name) == getattr(plain, declaration.name)
        assert getattr(settings, declaration.name).origin == "default"
    assert (settings.connect_timeout.value, settings.read_timeout.value, settings.max_time.value) == (5.0, 30.0, 60.0)


def test_every_declaration_says_what_stands_for_its_argument_and_for_its_value() -> None:
    takes = [one for one in DECLARATIONS if one.kind is not FLAG and one.option.startswith("--")]
    assert [one.name for one in takes if not (one.metavar or get_args(one.kind.type))] == [], "metavar"
    assert [one.name for one in DECLARATIONS if one.key and one.default is None and not one.example] == [], "example"


def test_precedence_option_environment_project_user_default(tmp_path: Path) -> None:
    project = toml(tmp_path / "p.toml", "read_timeout = 3\nconnect_timeout = 3\nproxy = 'http://p:3'")
    user = toml(tmp_path / "u.toml", "read_timeout = 4\nconnect_timeout = 4\nproxy = 'http://p:4'\nallow_http = true")
    environ = {"ALTERYX_READ_TIMEOUT": "2", "ALTERYX_CONNECT_TIMEOUT": "2"}
    settings = load({"read_timeout": 1}, environ, project, user)
    assert settings.read_timeout == Setting(1.0, "option --read-timeout")
    assert settings.connect_timeout == Setting(2.0, "environment ALTERYX_CONNECT_TIMEOUT")
    assert (settings.proxy.value, settings.proxy.origin) == ("http://p:3", str(project))
    assert (settings.allow_http.value, settings.allow_http.origin) == (True, str(user))
    assert settings.max_time == Setting(60.0, "default")
    assert settings.problems == ()


def test_the_files_in_the_working_and_the_users_folder_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "home" / "ayxctl.toml"
    user.parent.mkdir()
    toml(user, "base_url = 'https://from-user'\nmax_time = 7")
    toml(tmp_path / "ayxctl.toml", "read_timeout = 8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: user)
    settings = Settings.load(environ={})
    assert (settings.read_timeout.value, settings.read_timeout.origin) == (8.0, "ayxctl.toml")
    assert settings.base_url.value == "https://from-user"
    assert settings.max_time.value == 7.0


def test_the_users_file_lies_where_the_operating_system_keeps_such_files() -> None:
    assert user_file_path().parts[-2:] == ("ayxctl", "ayxctl.toml")


@pytest.mark.parametrize(
    ("environ", "value", "variable"),
    [
        ({"ALTERYX_BASE_URL": "https://a", "ALTERYX_API_HOST": "b"}, "https://a", "ALTERYX_BASE_URL"),
        ({"ALTERYX_BASE_URL": "", "ALTERYX_API_HOST": "b"}, "b", "ALTERYX_API_HOST"),
    ],
)
def test_the_first_variable_that_is_not_empty_wins(environ: dict[str, str], value: str, variable: str) -> None:
    assert load({"base_url": None}, environ).base_url == Setting(value, f"environment {variable}", sensitive=True)


def test_ca_bundle_variables_in_their_order() -> None:
    names = ["ALTERYX_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"]
    environ = {name: f"/{name}" for name in names}
    for name in names:
        assert load(environ=environ).ca_bundle == Setting(Path(f"/{name}"), f"environment {name}")
        del environ[name]
    assert load(environ=environ).ca_bundle == Setting(None)


def test_a_profile_goes_before_the_top_level_of_its_file(tmp_path: Path) -> None:
    project = toml(
        tmp_path / "p.toml",
        "base_url = 'https://top'\nread_timeout = 9\nprofile = 'test'\n"
        "[profiles.test]\nbase_url = 'https://test'\n[profiles.prod]\nbase_url = 'https://prod'\n",
    )
    by_file = load({"base_url": None}, {}, project)
    assert (by_file.base_url.value, by_file.base_url.origin) == ("https://test", f"{project} [profiles.test]")
    assert by_file.profile == Setting("test", str(project))
    assert by_file.read_timeout.value == 9.0
    by_variable = load({"base_url": None}, {"ALTERYX_PROFILE": "prod"}, project)
    assert by_variable.base_url.value == "https://prod"
    by_option = load({"base_url": None, "profile": "nope"}, {}, project)
    assert problems(by_option) == [("config.setting_invalid", "profile")]
    assert "prod, test" in by_option.problems[0].message


@pytest.mark.parametrize(
    ("environ", "setting"),
    [
        ({"ALTERYX_READ_TIMEOUT": "soon"}, "read_timeout"),
        ({"ALTERYX_READ_TIMEOUT": "0"}, "read_timeout"),
        ({"ALTERYX_READ_TIMEOUT": "-1"}, "read_timeout"),
        ({"ALTERYX_CONNECT_TIMEOUT": "inf"}, "connect_timeout"),
        ({"ALTERYX_CONNECT_TIMEOUT": "nan"}, "connect_timeout"),
        ({"ALTERYX_VERIFY_SSL": "maybe"}, "verify"),
        ({"ALTERYX_ALLOW_HTTP": "2"}, "allow_http"),
        ({"ALTERYX_CLIENT_AUTH": "digest"}, "client_auth"),
        ({"ALTERYX_CLIENT_KEY": "/key.pem"}, "client_key"),
    ],
)
def test_a_value_that_cannot_be_used_is_a_problem_that_names_its_origin(environ: dict[str, str], setting: str) -> None:
    settings = load(environ=environ)
    assert problems(settings) == [("config.setting_invalid", setting)]
    assert settings.problems[0].origin == f"environment {next(iter(environ))}"
    with pytest.raises(SettingsError, match=next(iter(environ))) as caught:
        settings.check()
    assert caught.value.code == "config.setting_invalid"


@pytest.mark.parametrize(("word", "value"), [("false", False), ("0", False), ("No", False), ("TRUE", True)])
def test_verification_from_the_environment(word: str, value: bool) -> None:
    assert load(environ={"ALTERYX_VERIFY_SSL": word}).verify == Setting(value, "environment ALTERYX_VERIFY_SSL")


@pytest.mark.parametrize(
    ("text", "setting", "hint"),
    [
        ("base_url = ]", "settings file", "line 1"),
        ("base_ulr = 'https://x'", "base_ulr", "no setting"),
        ("read_timeout = true", "read_timeout", "seconds"),
        ("base_url = 5", "base_url", "text"),
        ("verify = 'perhaps'", "verify", "true or false"),
        ("client_secret_file = 5", "client_secret", "text"),
    ],
)
def test_a_wrong_settings_file_is_a_problem(tmp_path: Path, text: str, setting: str, hint: str) -> None:
    settings = load({"base_url": None}, {}, toml(tmp_path / "p.toml", text))
    assert ("config.setting_invalid", setting) in problems(settings)
    assert hint in next(problem.message for problem in settings.problems if problem.setting == setting)


def test_a_settings_file_that_is_missing_or_no_text_is_a_problem(tmp_path: Path) -> None:
    binary = tmp_path / "u.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    settings = load({}, {}, tmp_path / "missing.toml", binary)
    assert [problem.message for problem in settings.problems] == [
        "the settings file does not exist",
        "it is not UTF-8 text",
    ]


def test_tables_of_other_tools_in_the_file_are_left_alone(tmp_path: Path) -> None:
    assert load({}, {}, toml(tmp_path / "p.toml", "[exporter]\nport = 1\n")).problems == ()


@pytest.mark.parametrize("path", ["~nobody-of-this-name/ca.pem", "~\0/ca.pem"])
def test_a_home_folder_that_does_not_exist_is_just_a_missing_file(path: str, tmp_path: Path) -> None:
    assert load(environ={"ALTERYX_CA_BUNDLE": path}).ca_bundle.value == Path(path)
    escaped = path.replace("\0", "\\u0000")
    settings = load({}, {}, toml(tmp_path / "p.toml", f'client_id = "8DA"\nclient_secret_file = "{escaped}"'))
    assert problems(settings) == [("config.setting_invalid", "client_secret")]


def test_an_unknown_name_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="no such setting: base_ulr"):
        Settings.load({"base_ulr": "x"}, {}, None, None)


# The address


def test_the_address_is_checked_and_normalised() -> None:
    assert load({"base_url": "host/gallery"}).address.web_api_address == "https://host/webapi"
    missing = load({"base_url": None})
    assert problems(missing) == [("config.url_missing", "base_url")]
    with pytest.raises(SettingsError, match="ALTERYX_BASE_URL"):
        _ = missing.address
    wrong = load({"base_url": None}, {"ALTERYX_API_HOST": "a..b"})
    with pytest.raises(SettingsError, match=r"base_url \(from environment ALTERYX_API_HOST\)") as caught:
        wrong.check()
    assert caught.value.code == "config.host_label_invalid"


def test_a_password_in_the_address_is_nowhere_to_be_seen() -> None:
    settings = load({"base_url": "https://user:geh/eim@host"})
    shown = [repr(settings), repr(settings.base_url), settings.shown("base_url"), repr(settings.problems)]
    with pytest.raises(SettingsError) as caught:
        settings.check()
    assert "eim" not in " ".join([*shown, str(caught.value)])


# The key pair


def pair(environ: dict[str, str] | None = None, **options: object) -> Settings:
    return load({"client_id": "8DA", **options}, environ)


def test_the_secret_from_the_environment() -> None:
    settings = pair({"ALTERYX_CLIENT_SECRET": SECRET})
    assert settings.credentials == ("8DA", SECRET)
    assert settings.client_secret.origin == "environment ALTERYX_CLIENT_SECRET"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_secret_from_a_file_without_its_line_end(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"{SECRET}{ending}".encode())
    settings = pair({"ALTERYX_CLIENT_SECRET": "other"}, client_secret_file=str(file))
    assert settings.credentials == ("8DA", SECRET)
    assert settings.client_secret.origin == "option --client-secret-file"


def test_the_secret_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(f"{SECRET}\n".encode())))
    assert pair(client_secret_file="-").credentials == ("8DA", SECRET)


def test_a_settings_file_points_to_the_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    by_file = toml(tmp_path / "p.toml", "client_id = '8DA'\nclient_secret_file = 'secret'")
    assert load({}, {}, by_file).credentials == ("8DA", SECRET)
    by_variable = toml(tmp_path / "q.toml", "client_id = '8DA'\nclient_secret_env = 'ALTERYX_MINE'")
    settings = load({}, {"ALTERYX_MINE": SECRET}, by_variable)
    assert settings.credentials == ("8DA", SECRET)
    assert settings.client_secret.origin == f"{by_variable} client_secret_env"
    unset = load({}, {}, by_variable)
    assert problems(unset) == [("config.credentials_missing", "client_secret")]


def test_a_secret_that_stands_in_a_settings_file_is_refused(tmp_path: Path) -> None:
    settings = load({}, {}, toml(tmp_path / "p.toml", f"client_id = '8DA'\nclient_secret = '{SECRET}'"))
    assert problems(settings) == [("config.setting_invalid", "client_secret")]
    assert settings.credentials is None
    assert settings.client_secret.value is None


@pytest.mark.parametrize("syntax", ["client_secret = '{}", "client_secret = {}", "{} = 1 x", "[{}"])
def test_a_secret_in_a_broken_settings_file_is_not_repeated(tmp_path: Path, syntax: str) -> None:
    settings = load({}, {}, toml(tmp_path / "p.toml", syntax.format(SECRET)))
    assert settings.problems
    assert SECRET not in repr(settings.problems)


@pytest.mark.parametrize(
    ("value", "code", "named"),
    [
        (f"{SECRET} ", "config.whitespace", "space (U+0020) at the end"),
        (f"{SECRET}\r", "config.whitespace", "carriage return"),
        (f" {SECRET}", "config.whitespace", "at the beginning"),
        (f"\ufeff{SECRET}", "config.whitespace", "byte order mark"),
        (f"ab\u200b{SECRET}", "config.whitespace", "zero width space (U+200B) at position 3"),
        (f"“{SECRET}”", "config.secret_unprintable", "left double quotation mark"),
        (f"{SECRET[:9]}\x00{SECRET[9:]}", "config.secret_unprintable", "null (U+0000) at position 10"),
        (f"{SECRET}Ω", "config.secret_unprintable", "greek capital letter omega"),
    ],
)
@pytest.mark.parametrize("setting", ["client_id", "client_secret"])
def test_stray_characters_are_named_but_not_the_value(setting: str, value: str, code: str, named: str) -> None:
    settings = load({"client_id": "8DA", "client_secret": SECRET, setting: value})
    assert problems(settings) == [(code, setting)]
    assert named in settings.problems[0].message
    assert settings.credentials is None
    assert SECRET[:9] not in settings.problems[0].message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SECRET.encode("utf-16"), "config.secret_unprintable"),
        (b"\xef\xbb\xbf" + SECRET.encode(), "config.whitespace"),
        (b"\xe9\xff", "config.secret_unprintable"),
        (f"{SECRET}\n\n".encode(), "config.whitespace"),
        (b"", "config.credentials_missing"),
        (b"\n", "config.credentials_missing"),
        (b"x" * 70000, "config.setting_invalid"),
    ],
)
def test_a_secret_file_that_cannot_be_used(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    assert problems(pair(client_secret_file=str(file))) == [(code, "client_secret")]


@pytest.mark.parametrize("path", ["/nowhere/secret", "", "a\0b"])
def test_a_secret_file_that_cannot_be_read(path: str) -> None:
    assert problems(pair(client_secret_file=path)) == [("config.setting_invalid", "client_secret")]


def test_half_a_key_pair_names_the_missing_half() -> None:
    no_secret = pair()
    assert problems(no_secret) == [("config.credentials_missing", "client_secret")]
    assert "ALTERYX_CLIENT_SECRET" in no_secret.problems[0].message
    assert problems(load({"client_secret": SECRET})) == [("config.credentials_missing", "client_id")]
    assert load().problems == ()
    assert load().credentials is None


def test_nothing_shows_a_secret() -> None:
    settings = load({"client_id": "8DA", "client_secret": SECRET, "proxy": "http://me:pass@word@proxy:3128"})
    everything = [repr(settings), *(repr(getattr(settings, d.name)) for d in DECLARATIONS)]
    everything += [settings.shown(d.name) for d in DECLARATIONS]
    for text in everything:
        assert SECRET not in text
        assert "word" not in text
    assert settings.shown("proxy") == "http://***@proxy:3128"
    assert settings.shown("client_secret") == "***"
    assert settings.shown("ca_bundle") == ""


@given(
    st.dictionaries(
        st.sampled_from([variable for declaration in DECLARATIONS for variable in declaration.environment]),
        st.text(max_size=20),
        max_size=4,
    )
)
def test_loading_never_fails_on_a_value(environ: dict[str, str]) -> None:
    settings = Settings.load({}, environ, None, None)
    for problem in settings.problems:
        assert problem.code.startswith("config.")
        assert "\n" not in problem.message
    if settings.credentials is not None:
        assert "".join(map(revealed, settings.credentials)).encode("latin-1")
