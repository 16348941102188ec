"""Every setting, declared once.

Its option with the help, its line in the file that ``ayxctl config init`` writes and its row in the README come from
here. The module is small to import: every command has these options, those too that need no settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, overload

from ayx_connection.settings.kinds import ADDRESS, BYTES, CLIENT_AUTH, FLAG, PATH, SECONDS, SECRET, TEXT, Kind
from ayx_connection.settings.setting import Setting

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

__all__ = [
    "DECLARATIONS",
    "DECLARATIONS_BY_NAME",
    "NEED_TRUST",
    "SECRET_REFERENCES",
    "Declaration",
    "DeclaredSettings",
]

T = TypeVar("T")


@dataclass(frozen=True)
class Declaration:
    """What there is to know about one setting.

    Attributes:
        name: Field of ``Settings``, key in the files, keyword of ``connect()``.
        kind: What kind of value it has.
        option: Option of the command line, as it is shown in an origin.
        environment: Environment variables, the first that is not empty wins.
        help: What it is for, or what its option does, as a sentence.
        default: Value when nothing is given.
        metavar: What stands for the option's argument in the help.
        example: Value in the file that ``config init`` writes, where the default is none.
        given_as: Name under which the option's argument is handed over, where that only points to the value.
        needs_trust: Whether it decides where the secret goes, who may read it on the way, or which secret it is. In a
            file that was found in the working folder it counts only after the user has trusted it.
    """

    name: str
    kind: Kind[Any]
    option: str
    environment: tuple[str, ...]
    help: str
    default: Any = None
    metavar: str | None = None
    example: str = ""
    given_as: str = ""
    needs_trust: bool = False

    @property
    def key(self) -> str | None:
        """Key in ``ayxctl.toml``; None where the files may only point to the value."""
        return None if self.given_as else self.name

    @property
    def parse(self) -> Callable[[object], Any]:
        """From what was given to the value; raises ``ValueError`` with what it must be."""
        return self.kind.parse

    @property
    def shown(self) -> Callable[[object], str]:
        """From a value to what may be printed."""
        return self.kind.shown

    @property
    def is_sensitive(self) -> bool:
        """Whether the value may hold a secret, so that it must not be printed as it is."""
        return self.kind.shown is not str


class _More(TypedDict, total=False):
    """What only some declarations say."""

    metavar: str
    example: str
    given_as: str
    needs_trust: bool


@overload
def _declared(
    kind: Kind[T], option: str, environment: tuple[str, ...], told: str, *, default: T, **more: Unpack[_More]
) -> Setting[T]: ...


@overload
def _declared(
    kind: Kind[T], option: str, environment: tuple[str, ...], told: str, **more: Unpack[_More]
) -> Setting[T | None]: ...


def _declared(kind: Kind[Any], option: str, environment: tuple[str, ...], told: str, **more: Any) -> Setting[Any]:
    """Return a field of the settings with its declaration; the field's name is the declaration's."""
    made = Declaration("", kind, option, environment, told, **{"metavar": kind.metavar, **more})
    default = Setting(made.default, sensitive=made.is_sensitive)
    with_declaration: Setting[Any] = field(default=default, metadata={"declaration": made})
    return with_declaration


@dataclass(frozen=True)
class DeclaredSettings:
    """The settings, each a field with its declaration; above each stands what a user of ``Settings`` has to know."""

    #: The Server's address as given.
    base_url: Setting[str | None] = _declared(
        ADDRESS,
        "URL",
        ("ALTERYX_BASE_URL", "ALTERYX_API_HOST"),
        "The Server's address.",
        example="https://server.example.com/webapi",
        needs_trust=True,
    )
    #: API access key.
    client_id: Setting[str | None] = _declared(
        TEXT, "--client-id", ("ALTERYX_CLIENT_ID",), "API access key.", metavar="KEY", example="the API access key"
    )
    #: API access secret.
    client_secret: Setting[Secret | None] = _declared(
        SECRET,
        "--client-secret-file",
        ("ALTERYX_CLIENT_SECRET",),
        "File with the API access secret; - reads standard input.",
        given_as="client_secret_file",
    )
    #: Address of the proxy that is meant for this Server alone.
    proxy: Setting[str | None] = _declared(
        ADDRESS,
        "--proxy",
        ("ALTERYX_PROXY",),
        "Proxy to use, whatever the variables say.",
        example="http://proxy.example.com:8080",
        needs_trust=True,
    )
    #: Ignore every proxy.
    no_proxy_at_all: Setting[bool] = _declared(
        FLAG, "--no-proxy", (), "Ignore every proxy.", default=False, needs_trust=True
    )
    #: Certificates (file or folder) that are trusted besides the operating system's.
    ca_bundle: Setting[Path | None] = _declared(
        PATH,
        "--ca-bundle",
        ("ALTERYX_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        "CA certificates (PEM) to trust beside the system's.",
        example="company-ca.pem",
        needs_trust=True,
    )
    #: Client certificate, PEM.
    client_cert: Setting[Path | None] = _declared(
        PATH,
        "--client-cert",
        ("ALTERYX_CLIENT_CERT",),
        "Client certificate (PEM).",
        example="client.pem",
        needs_trust=True,
    )
    #: Its private key, unless it is in the same file.
    client_key: Setting[Path | None] = _declared(
        PATH,
        "--client-key",
        ("ALTERYX_CLIENT_KEY",),
        "Its private key (PEM).",
        example="client-key.pem",
        needs_trust=True,
    )
    #: Whether the Server's certificate is verified; credentials are never sent when it is not.
    verify: Setting[bool] = _declared(
        FLAG,
        "--insecure",
        ("ALTERYX_VERIFY_SSL",),
        "Do not verify the certificate; credentials are then never sent.",
        default=True,
        needs_trust=True,
    )
    #: Whether credentials may be sent over plain http to another machine.
    allow_http: Setting[bool] = _declared(
        FLAG,
        "--allow-http",
        ("ALTERYX_ALLOW_HTTP",),
        "Send credentials over plain http.",
        default=False,
        needs_trust=True,
    )
    #: How the key pair is sent to the token endpoint: ``auto``, ``body`` or ``basic``.
    client_auth: Setting[str] = _declared(
        CLIENT_AUTH,
        "--client-auth",
        ("ALTERYX_CLIENT_AUTH",),
        "How the key and secret are sent to the token endpoint.",
        default="auto",
    )
    #: Time for a connection to stand, per address.
    connect_timeout: Setting[float] = _declared(
        SECONDS, "--connect-timeout", ("ALTERYX_CONNECT_TIMEOUT",), "Seconds to wait for a connection.", default=5.0
    )
    #: Time between two pieces of an answer.
    read_timeout: Setting[float] = _declared(
        SECONDS, "--read-timeout", ("ALTERYX_READ_TIMEOUT",), "Seconds to wait for an answer.", default=30.0
    )
    #: Time for a whole run of a command; where it was set, for each call of ``connect()`` as well.
    max_time: Setting[float] = _declared(SECONDS, "--max-time", (), "Seconds for the whole run.", default=60.0)
    #: Longest answer that is taken in, in bytes; what is streamed to a file may be longer.
    max_answer_bytes: Setting[int] = _declared(
        BYTES,
        "--max-answer-bytes",
        ("ALTERYX_MAX_ANSWER_BYTES",),
        "Longest answer to take in (50 MB by default).",
        default=50_000_000,
    )
    #: Name of the profile that was chosen in the files.
    profile: Setting[str | None] = _declared(
        TEXT, "--profile", ("ALTERYX_PROFILE",), "Profile of ayxctl.toml to use.", metavar="NAME", example="test"
    )


DECLARATIONS: tuple[Declaration, ...] = tuple(
    replace(each.metadata["declaration"], name=each.name) for each in fields(DeclaredSettings)
)
DECLARATIONS_BY_NAME = {declaration.name: declaration for declaration in DECLARATIONS}

#: How a file or an option points to the secret without holding it.
SECRET_REFERENCES = ("client_secret_file", "client_secret_env")

#: Keys of a settings file that count only in one that the user has trusted.
NEED_TRUST = frozenset({*(each.name for each in DECLARATIONS if each.needs_trust), *SECRET_REFERENCES})
