"""Security schemes, and who needs them."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import pointer
from ayx_spec.errors import DocumentError

__all__ = ["convert_scheme", "operation_security"]

#: Swagger 2.0 flow -> OpenAPI 3 flow (OAuth Flows Object).
_FLOWS = {
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
    "implicit": "implicit",
    "password": "password",
}


def convert_scheme(scheme: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    """Return the OpenAPI 3 Security Scheme Object of a Swagger 2.0 one."""
    kind = scheme.get("type")
    common: dict[str, Any] = {
        key: value for key, value in scheme.items() if key == "description" or key.startswith("x-")
    }
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **common}
    if kind == "apiKey":
        return dict(scheme)
    if kind == "oauth2" and scheme.get("flow") in _FLOWS:
        flow: dict[str, Any] = {key: scheme[key] for key in ("authorizationUrl", "tokenUrl") if key in scheme}
        flow["scopes"] = scheme.get("scopes") or {}
        return {"type": "oauth2", **common, "flows": {_FLOWS[scheme["flow"]]: flow}}
    raise DocumentError(notes.document, pointer(steps), f"unknown security scheme {kind!r} {scheme.get('flow') or ''}")


def operation_security(operation: dict[str, Any], document: dict[str, Any]) -> list[Any] | None:
    """Return what an operation requires, with the document's default copied down to it.

    Generators read the operation alone. An empty list says "nothing required" and stays; `None` means nothing is said.
    """
    for holder in (operation, document):
        if holder.get("security") is not None:
            return list(holder["security"])
    return None
