"""Every way in which reaching the Server can fail, as one tree of exceptions.

::

    AyxError
    ├── SettingsError              a setting cannot be used                          code config.*
    │   └── AddressError           the Server's address cannot be used (ValueError)  code config.*
    ├── ProxyError                 the proxy's address cannot be used (ValueError)   code proxy.*
    ├── TrustError                 a certificate file cannot be used                 code tls.ca_bundle_unreadable
    ├── CredentialsWithheldError   sending the secret or token would expose it       code token.plaintext | None
    ├── TokenError                 the token endpoint did not give a token           code token.* | None
    ├── ConnectionFailedError      no answer came (also the httpx exception it was)  code where it is certain
    ├── StatusError                the answer is no success (httpx.HTTPStatusError)  code where it is certain
    ├── ContentError               the answer is not what was asked for (ValueError) code None
    └── JobError                   a job did not do what was asked of it
        ├── JobFailedError         it ended without success
        └── JobTimeoutError        it did not end in time

Each message is one line. ``code`` is an entry of the failure catalogue (``ayxctl explain CODE``) or None where the
exception alone proves nothing; ``stage`` then says how far things got. The code stands in the message, or in a note
below it where the message says itself what to do. What httpx or the system raised is the
``__cause__``. No message or repr holds a secret, a token or a proxy password, and a pickled error holds none at all.

Code written for httpx goes on working: what stands for an httpx exception is also an instance of its class
(``except httpx.ConnectTimeout``, ``except httpx.HTTPError``), and names it in its bases.
"""

from __future__ import annotations

from typing import Any, Self

__all__ = [
    "AddressError",
    "AyxError",
    "ConnectionFailedError",
    "ContentError",
    "CredentialsWithheldError",
    "JobError",
    "JobFailedError",
    "JobTimeoutError",
    "ProxyError",
    "SettingsError",
    "StatusError",
    "TokenError",
    "TrustError",
]

#: What to do when the exception alone cannot say more.
DIAGNOSE = "run `ayxctl diagnose`"


class AyxError(Exception):
    """The root of the tree.

    Attributes:
        code: Catalogue code, or None where the exception alone proves nothing.
        stage: How far it got: ``config``, ``local``, ``proxy``, ``dns``, ``tcp``, ``tls``, ``http``, ``token`` or
            ``api``.
    """

    code: str | None = None
    stage: str = "api"

    def _note_code(self) -> None:
        """Have a traceback end with the code, where the message has its own advice."""
        if self.code is not None:
            self.add_note(f"[{self.code}]: {DIAGNOSE}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Make it picklable whatever its constructor takes."""
        return _restored, (type(self), self.args, self.__dict__)

    @classmethod
    def _restore(cls, args: tuple[Any, ...], state: dict[str, Any]) -> Self:
        error = cls.__new__(cls, *args)
        error.args = args
        error.__dict__.update(state)
        return error


def _restored(kind: type[AyxError], args: tuple[Any, ...], state: dict[str, Any]) -> AyxError:
    return kind._restore(args, state)  # noqa: SLF001 -- the other half of __reduce__


class SettingsError(AyxError):
    """A setting is missing or cannot be used; nothing was sent.

    Attributes:
        setting: Name of the setting.
        origin: Where its value came from, in words.
    """

    stage = "config"

    def __init__(self, message: str, *, code: str, setting: str, origin: str) -> None:
        super().__init__(message)
        self.code: str = code
        self.setting = setting
        self.origin = origin
        self._note_code()


class AddressError(SettingsError, ValueError):
    """The text is no address of an Alteryx Server.

    Attributes:
        code: ``config.url_missing``, ``config.url_invalid``, ``config.url_as_host``, ``config.host_label_invalid``,
            ``config.whitespace`` or ``config.wrong_product``.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code, setting="base_url", origin="given")


class ProxyError(AyxError, ValueError):
    """The proxy's address cannot be used; nothing was sent.

    Attributes:
        code: ``proxy.url_invalid`` or ``proxy.socks_dep_missing``.
        origin: Where the address came from, in words; empty when it was parsed on its own.
    """

    stage = "proxy"

    def __init__(self, message: str, *, code: str, origin: str = "") -> None:
        super().__init__(f"{message} (from {origin})" if origin else message)
        self.code: str = code
        self.origin = origin
        self.reason = message
        self._note_code()


class TrustError(AyxError):
    """A CA bundle, client certificate or key cannot be used; nothing was sent.

    Attributes:
        setting: ``ca_bundle``, ``client_cert`` or ``client_key``.
        origin: Where the path came from, in words.
        path: The file or folder.
        kind: ``missing``, ``unreadable``, ``no_certificates`` or ``key_unusable``.
    """

    code = "tls.ca_bundle_unreadable"
    stage = "tls"

    def __init__(self, message: str, *, setting: str, origin: str, path: str, kind: str) -> None:
        super().__init__(f"{setting} {path!r} (from {origin}): {message}")
        self.setting = setting
        self.origin = origin
        self.path = path
        self.kind = kind
        self._note_code()


class CredentialsWithheldError(AyxError):
    """The secret or the token was not sent, because somebody else could have read it.

    Attributes:
        code: ``token.plaintext`` when the address is plain http, otherwise None.
    """

    stage = "token"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self._note_code()


class TokenError(AyxError):
    """The token endpoint answered, but not with a token (RFC 6749 section 5.2).

    Attributes:
        status: HTTP status of the answer.
        error: The ``error`` member of the answer, if it had one.
        description: The ``error_description`` member, if it had one.
        answered_by: Who answered, in words, as far as the headers tell.
        code: Catalogue code where status and body prove it, otherwise None.
    """

    stage = "token"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        error: str | None = None,
        description: str | None = None,
        answered_by: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.description = description
        self.answered_by = answered_by
        self.code = code


class ConnectionFailedError(AyxError):
    """No complete answer came from the Server.

    What is raised is also an instance of the httpx exception that it stands for (``httpx.ConnectTimeout`` and so on),
    so that code written for httpx goes on working; the original is its ``__cause__``.

    Attributes:
        stage: How far it got: ``local``, ``proxy``, ``dns``, ``tcp``, ``tls``, ``http`` or ``token``.
        code: Catalogue code in the few cases that the exception alone proves, otherwise None.
    """

    def __init__(self, message: str, *, stage: str, code: str | None = None) -> None:
        super().__init__(message)
        self.stage = stage
        self.code = code


class StatusError(AyxError):
    """An answer came, and its status says that the call did not succeed.

    What is raised is also an ``httpx.HTTPStatusError`` with its ``request`` and ``response``; by a method of the
    generated client (``server.users.get_users()``), an ``ayx_client.errors.ErrorResponse`` instead.

    Attributes:
        status: HTTP status.
        answered_by: Who answered, in words, as far as the headers tell.
        stage: ``api`` where the Server refuses, ``http`` or ``proxy`` where the status is that of something before it.
        code: Catalogue code where the status proves it, otherwise None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        answered_by: str = "",
        stage: str = "api",
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.answered_by = answered_by
        self.stage = stage
        self.code = code


class ContentError(AyxError, ValueError):
    """An answer came with a status of success, and what it brings is not JSON: a login page, a proxy's page.

    Attributes:
        status: HTTP status.
        content_type: The answer's Content-Type, empty if it has none.
        answered_by: Who answered, in words, as far as the headers tell.
    """

    stage = "http"

    def __init__(self, message: str, *, status: int, content_type: str = "", answered_by: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.content_type = content_type
        self.answered_by = answered_by


class JobError(AyxError):
    """A job did not do what was asked of it.

    Attributes:
        job_id: Id of the job.
        status: The last status that the Server gave.
    """

    def __init__(self, message: str, *, job_id: str, status: str | None) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.status = status


class JobFailedError(JobError):
    """The job ended without success."""


class JobTimeoutError(JobError, TimeoutError):
    """The job had not ended when the time was up; it goes on running on the Server."""
