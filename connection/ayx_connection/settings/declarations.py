"""Every setting, declared once: its name, option, environment variables, parser, default, and how it may be shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "DECLARATIONS",
    "DECLARATIONS_BY_NAME",
    "NEED_TRUST",
    "SECRET_REFERENCES",
    "Declaration",
    "expanded",
    "without_userinfo",
]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be text")  # noqa: TRY004 -- one kind of error for every value that cannot be used
    return value


def expanded(text: str) -> Path:
    """Return a path with ``~`` replaced; where there is no such home folder it stays as it is, and will be missing."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        return Path(text)


def _path(value: object) -> Path:
    return value if isinstance(value, Path) else expanded(_text(value))


_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise ValueError("it must be true or false (1, yes, on, 0, no, off)")
    return _WORDS[word]


def _seconds(value: object) -> float:
    wrong = ValueError("it must be a number of seconds above 0")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not (math.isfinite(seconds) and seconds > 0):
        raise wrong
    return seconds


def _byte_count(value: object) -> int:
    wrong = ValueError("it must be a number of bytes above 0")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong
    try:
        count = int(value)
    except ValueError:
        raise wrong from None
    if count <= 0:
        raise wrong
    return count


def _client_auth(value: object) -> str:
    style = _text(value).strip().lower()
    if style not in {"auto", "body", "basic"}:
        raise ValueError("it must be auto, body or basic")
    return style


#: Host, port and path, and nothing that could be more than that.
_PLAIN_ADDRESS = re.compile(r"(?:[^\s:/?#;,=%\uff20]*|\[[0-9A-Fa-f:.]*\])(?::\d*)?(?:/[^\s?#;,=]*)?")


def without_userinfo(value: object) -> str:
    """Show an address without what may be a password: everything between the scheme and the last @.

    Where the @ is missing or written otherwise, nothing is shown that is not plainly a host, a port and a path.
    """
    text = str(value)
    if "@" in text:
        return re.sub(r"^([^/@]*//)?.*@", r"\1***@", text, flags=re.DOTALL)
    scheme, slashes, rest = re.split(r"[?#]", text, maxsplit=1)[0].rpartition("//")
    return f"{scheme}{slashes}{rest if _PLAIN_ADDRESS.fullmatch(rest) else '***'}"


def _hidden(_value: object) -> str:
    return "***"


@dataclass(frozen=True)
class Declaration:
    """What there is to know about one setting.

    Attributes:
        name: Field of ``Settings``, key in the files, keyword of ``connect()``.
        option: Option of the command line, as it is shown in an origin.
        environment: Environment variables, the first that is not empty wins.
        parse: From what was given to the value; raises ``ValueError`` with what it must be.
        default: Value when nothing is given.
        key: Key in ``ayxctl.toml``; None where the files may not set it.
        shown: From a value to what may be printed.
    """

    name: str
    option: str
    environment: tuple[str, ...]
    parse: Callable[[object], Any]
    default: Any = None
    key: str | None = None
    shown: Callable[[object], str] = str

    @property
    def is_sensitive(self) -> bool:
        """Whether the value may hold a secret, so that it must not be printed as it is."""
        return self.shown is not str


_CA_VARIABLES = ("ALTERYX_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")

DECLARATIONS: tuple[Declaration, ...] = (
    Declaration(
        "base_url", "URL", ("ALTERYX_BASE_URL", "ALTERYX_API_HOST"), _text, key="base_url", shown=without_userinfo
    ),
    Declaration("client_id", "--client-id", ("ALTERYX_CLIENT_ID",), _text, key="client_id"),
    Declaration("client_secret", "--client-secret-file", ("ALTERYX_CLIENT_SECRET",), _text, shown=_hidden),
    Declaration("proxy", "--proxy", ("ALTERYX_PROXY",), _text, key="proxy", shown=without_userinfo),
    Declaration("no_proxy_at_all", "--no-proxy", (), _boolean, default=False, key="no_proxy_at_all"),
    Declaration("ca_bundle", "--ca-bundle", _CA_VARIABLES, _path, key="ca_bundle"),
    Declaration("client_cert", "--client-cert", ("ALTERYX_CLIENT_CERT",), _path, key="client_cert"),
    Declaration("client_key", "--client-key", ("ALTERYX_CLIENT_KEY",), _path, key="client_key"),
    Declaration("verify", "--insecure", ("ALTERYX_VERIFY_SSL",), _boolean, default=True, key="verify"),
    Declaration("allow_http", "--allow-http", ("ALTERYX_ALLOW_HTTP",), _boolean, default=False, key="allow_http"),
    Declaration(
        "client_auth", "--client-auth", ("ALTERYX_CLIENT_AUTH",), _client_auth, default="auto", key="client_auth"
    ),
    Declaration(
        "connect_timeout", "--connect-timeout", ("ALTERYX_CONNECT_TIMEOUT",), _seconds, 5.0, key="connect_timeout"
    ),
    Declaration("read_timeout", "--read-timeout", ("ALTERYX_READ_TIMEOUT",), _seconds, 30.0, key="read_timeout"),
    Declaration("max_time", "--max-time", (), _seconds, 60.0, key="max_time"),
    Declaration(
        "max_answer_bytes",
        "--max-answer-bytes",
        ("ALTERYX_MAX_ANSWER_BYTES",),
        _byte_count,
        50_000_000,
        key="max_answer_bytes",
    ),
    Declaration("profile", "--profile", ("ALTERYX_PROFILE",), _text, key="profile"),
)

DECLARATIONS_BY_NAME = {declaration.name: declaration for declaration in DECLARATIONS}

#: How a file or an option points to the secret without holding it.
SECRET_REFERENCES = ("client_secret_file", "client_secret_env")

#: Keys of a settings file that decide where the secret goes, who may read it on the way, and which secret it is. In a
#: file that was found in the working folder they count only after the user has trusted it.
NEED_TRUST = frozenset(
    {
        *("base_url", "proxy", "no_proxy_at_all", "ca_bundle", "client_cert", "client_key", "verify", "allow_http"),
        *SECRET_REFERENCES,
    }
)
