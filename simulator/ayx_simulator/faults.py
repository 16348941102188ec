"""What the stand-in Server can do wrong, and the switches for it."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["FAULTS", "Fault", "Faults", "UnknownFaultError"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be wrong.

    Attributes:
        name: The code that a diagnosis should end with, where there is one.
        sentence: What the Server then does, for a person.
        default: The argument that is used if none is given; empty for a fault without one.
        arguments: What else the argument can be; empty if any number will do, or none is taken.
    """

    name: str
    sentence: str
    default: str = ""
    arguments: tuple[str, ...] = ()


_TABLE = (
    Fault("token.invalid_client", "The token endpoint refuses every key and secret.", "400", ("400", "401")),
    Fault("token.auth_style_mismatch", "Only one client-authentication style is accepted.", "basic", ("body", "basic")),
    Fault("token.basic_not_urlencoded", "Basic credentials are read as form-urlencoded (RFC 6749 2.3.1)."),
    Fault("token.unsupported_grant_type", "The form never reaches the token endpoint, as if a gateway dropped it."),
    Fault("token.invalid_scope", "A token request that names a scope is refused."),
    Fault("token.not_found", "The token endpoint does not exist, though the host answers as Alteryx."),
    Fault("token.oauth1_only", "A Server before 2021.4: no Web API, only /gallery/api with OAuth 1.0a."),
    Fault(
        "token.method_changed_by_redirect",
        "The token request is redirected, which turns POST into GET in most clients.",
        "301",
        ("301", "302"),
    ),
    Fault(
        "token.not_json",
        "The token endpoint answers 200 with a sign-in page, or JSON without a token.",
        "html",
        ("html", "json"),
    ),
    Fault(
        "token.bad_lifetime",
        "expires_in is missing, zero, negative or text.",
        "zero",
        ("missing", "zero", "negative", "text"),
    ),
    Fault("token.server_error", "The token endpoint answers 500."),
    Fault("token.throttled", "The token endpoint says that it is called too often.", "429", ("429", "503")),
    Fault("token.forbidden", "A gateway answers 403 instead of the token endpoint."),
    Fault("token.timeout", "The token endpoint reads the request and never answers."),
    Fault("token.node_bound", "A token is good only at the address of the host that issued it."),
    Fault("api.unauthorized", "Every API call is 401, whatever the token."),
    Fault("api.role_insufficient", "Every user counts as Viewer: what needs a higher role is 401."),
    Fault(
        "api.host_not_allowed",
        "Only the given Host is answered, any other is 400 (Allowed Hosts).",
        "alteryx.example.com",
    ),
    Fault("api.not_found", "Every API path is 404; the token endpoint and the documents work."),
    Fault("api.not_alteryx", "Some other web server answers: nothing on it is Alteryx."),
    Fault("api.server_error", "Every API call is 500."),
    Fault("api.schema_drift", "Answers do not fit the document.", "all", ("field", "enum", "required", "all")),
    Fault("http.gateway_5xx", "A gateway in front cannot reach the Server.", "502", ("502", "503", "504")),
    Fault("http.maintenance", "A maintenance page (503, Retry-After) instead of everything."),
    Fault("http.html_instead_of_json", "A 200 HTML page instead of everything."),
    Fault("http.block_page", "A web filter's 403 page instead of everything."),
    Fault(
        "http.wrong_base_path",
        "The Web API lives under another path; the host's root and /gallery are Alteryx.",
        "/alteryx/webapi",
    ),
    Fault("http.redirect_to_login", "Everything is redirected to a sign-in page on the same host."),
    Fault("http.redirect_loop", "Everything is redirected to itself."),
    Fault("http.rate_limited", "Everything is 429 with Retry-After.", "30"),
    Fault("http.auth_header_stripped", "A gateway drops the Authorization field of every request."),
    Fault("http.bad_encoding", "Answers say that they are gzip, and are not."),
    Fault("http.header_too_large", "Answers carry a header field of 200 kB."),
    Fault("http.body_cut", "Half of the body comes, then the connection ends."),
    Fault("http.body_stall", "Half of the body comes, then nothing."),
    Fault("http.read_timeout", "Requests are read and never answered."),
    Fault("http.no_response_fin", "Requests are read, then the connection ends without an answer."),
    Fault("http.reset_after_request", "Requests are read, then the connection is reset."),
    Fault("local.clock_skew", "The Date of every answer is off by the given number of seconds.", "900"),
)

#: name -> fault, in the order in which a request meets them.
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _TABLE}


class UnknownFaultError(ValueError):
    """No fault has this name, or the fault does not know this argument."""


@dataclass(slots=True)
class _Switched:
    argument: str
    path: re.Pattern[str] | None
    left: int | None


class Faults:
    """The switches, safe to use while requests are served."""

    def __init__(self) -> None:
        self._on: dict[str, _Switched] = {}
        self._lock = threading.Lock()

    def set(
        self, name: str, argument: str | float | None = None, *, path: str | None = None, times: int | None = None
    ) -> None:
        """Switch a fault on.

        Args:
            name: A key of ``FAULTS``.
            argument: What the fault's sentence leaves open; ``None`` for its default.
            path: Regular expression; only requests whose path (from the host on) it matches somewhere meet the fault.
            times: How many requests meet the fault before it is off again; ``None`` for no limit.

        Raises:
            UnknownFaultError: There is no such fault or no such argument.
        """
        fault = FAULTS.get(name)
        if fault is None:
            raise UnknownFaultError(f"no fault is called {name!r}; there are {', '.join(FAULTS)}")
        chosen = fault.default if argument is None else str(argument)
        if fault.arguments and chosen not in fault.arguments:
            raise UnknownFaultError(f"{name} takes {' or '.join(fault.arguments)}, not {chosen!r}")
        with self._lock:
            self._on[name] = _Switched(chosen, re.compile(path) if path else None, times)

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        with self._lock:
            if name is None:
                self._on.clear()
            else:
                self._on.pop(name, None)

    @contextlib.contextmanager
    def injected(
        self, name: str, argument: str | float | None = None, *, path: str | None = None, times: int | None = None
    ) -> Iterator[None]:
        """Switch a fault on for the length of a ``with`` block."""
        self.set(name, argument, path=path, times=times)
        try:
            yield
        finally:
            self.clear(name)

    @property
    def active(self) -> dict[str, str]:
        """What is on: name -> argument."""
        with self._lock:
            return {name: switched.argument for name, switched in self._on.items()}

    def met(self, name: str, path: str) -> str | None:
        """Return the fault's argument if a request to ``path`` meets it, and count that; ``None`` if not."""
        with self._lock:
            switched = self._on.get(name)
            if switched is None or (switched.path is not None and not switched.path.search(path)):
                return None
            if switched.left is not None:
                switched.left -= 1
                if switched.left <= 0:
                    del self._on[name]
            return switched.argument
