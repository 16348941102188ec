"""One call of the Server's API with a token, as far as it tells who may do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ayx_connection.redaction import Secret, revealed

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.http import converse
from ayx_diagnostics.probes.http_answer import MISSING, redactor_for

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Clock
    from ayx_diagnostics.probes.http import HttpConnection

__all__ = ["call"]

_LONGEST_MESSAGE = 300
_OK, _FIRST_ERROR = 200, 400


def call(
    clock: Clock,
    connection: HttpConnection,
    url: str,
    token: str | Secret | None,
    *,
    timeout_s: float,
    role_needed: str,
    method: str = "GET",
    address: str | None = None,
    verified: bool = True,
    headers: Mapping[str, str] | None = None,
    check: Callable[[Any], list[str]] | None = None,
) -> Observation:
    """Call the API.

    Args:
        clock: The diagnosis' clock.
        connection: A connection to the Server.
        url: The whole URL of the call.
        token: Access token; None sends no ``Authorization``.
        timeout_s: Bound of the exchange.
        role_needed: ``any`` API user, or ``curator``.
        method: HTTP method; only methods that change nothing are of use here.
        address: The Server's address that the connection leads to.
        verified: Whether the Server's certificate was verified.
        headers: Further request headers, e.g. another ``Host``.
        check: Says how the JSON of a good answer departs from what is documented.

    Returns:
        The observation ``call``. What a successful call returns is counted, not recorded: it is the customer's data.
    """
    sent = {**(headers or {}), **({"Authorization": f"Bearer {revealed(token)}"} if token else {})}
    seen, answer = converse(
        clock,
        connection,
        method,
        url,
        timeout_s=timeout_s,
        headers=sent,
        stage="api",
        operation="call",
        target=f"{method} {urlsplit(url).path}",
        address=address,
        verified=verified,
    )
    evidence: dict[str, Any] = {**seen.evidence, "role_needed": role_needed, "authorization_sent": token is not None}
    document = answer.document if answer.status is not None else MISSING
    if isinstance(document, list):
        evidence["items"] = len(document)
    if answer.status is not None and answer.status >= _FIRST_ERROR:
        message = _message(document)
        if message:
            evidence["message"] = redactor_for(list(sent.items()), b"").beginning(message, _LONGEST_MESSAGE)
    elif document is not MISSING or "json" in (answer.header("content-type") or ""):
        evidence.pop("body_start", None)
    if check is not None and answer.status == _OK and document is not MISSING:
        evidence["problems"] = check(document)
    return replace(seen, evidence=evidence)


def _message(document: Any) -> str | None:
    """Return the message of ASP.NET Web API's ``HttpError`` in either spelling, or of a plain JSON string."""
    if isinstance(document, str):
        return document
    if isinstance(document, Mapping):
        found = document.get("message", document.get("Message"))
        return found if isinstance(found, str) else None
    return None
