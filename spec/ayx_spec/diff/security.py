"""How callers prove who they are, in one form for Swagger 2.0 and OpenAPI 3."""

from __future__ import annotations

from typing import Any

from ayx_spec.diff.contract import Requirement

__all__ = ["read_requirements", "read_schemes"]

#: Swagger 2.0 flow -> OpenAPI 3 flow (OAuth Flows Object).
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl")


def read_requirements(holder: dict[str, Any]) -> frozenset[Requirement]:
    """Return the ways to be allowed in that an operation or a document names (Security Requirement Object)."""
    return frozenset(
        frozenset((name, tuple(sorted(map(str, scopes or ())))) for name, scopes in one.items())
        for one in holder.get("security") or ()
        if isinstance(one, dict)
    )


def read_schemes(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the security schemes, each as a dictionary of what decides how a caller proves who it is."""
    if "swagger" in document:
        found = document.get("securityDefinitions") or {}
    else:
        found = (document.get("components") or {}).get("securitySchemes") or {}
    return {name: _scheme(scheme) for name, scheme in found.items()}


def _scheme(scheme: dict[str, Any]) -> dict[str, Any]:
    kind = scheme.get("type")
    if kind == "basic":
        return {"type": "http", "scheme": "basic"}
    if kind == "apiKey":
        return {"type": kind, "in": scheme.get("in"), "name": scheme.get("name")}
    if kind == "http":
        return {"type": kind, "scheme": str(scheme.get("scheme", "")).lower()}
    if kind == "oauth2":
        flows = scheme.get("flows") or {_FLOWS.get(scheme.get("flow", ""), scheme.get("flow", "")): scheme}
        return {"type": kind, "flows": {name: _flow(flow) for name, flow in flows.items() if not name.startswith("x-")}}
    return {"type": kind, "openIdConnectUrl": scheme.get("openIdConnectUrl")}


def _flow(flow: dict[str, Any]) -> dict[str, Any]:
    return {key: flow[key] for key in _URLS if flow.get(key)} | {"scopes": sorted(flow.get("scopes") or {})}
