"""Security schemes, and who needs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ayx_spec.convert.names import allowed_name
from ayx_spec.convert.notes import Notes

__all__ = ["convert_schemes", "operation_security", "scheme_names"]

#: Swagger 2.0 flow -> OpenAPI 3 flow (OAuth Flows Object).
_FLOWS = {
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
    "implicit": "implicit",
    "password": "password",
}
#: The addresses that a flow must have (OAuth Flow Object).
_ADDRESSES = {
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
}
_KEY_PLACES = ("query", "header", "cookie")

#: How a scheme is written of which nothing is known but its name: OpenAPI has no type for it.
_UNKNOWN = "unknown"


def scheme_names(source: dict[str, Any]) -> dict[str, str]:
    """Map the names of schemes, also of those that are only required somewhere, to allowed ones, one to one."""
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    # Names that are allowed as they are keep them.
    for name in sorted(_named(source), key=lambda name: (allowed_name(name) != name, name)):
        wanted = allowed_name(name) if name else _UNKNOWN
        candidate, number = wanted, 2
        while candidate in taken:
            candidate, number = f"{wanted}_{number}", number + 1
        taken.add(candidate)
        mapping[name] = candidate
    return mapping


def _named(source: dict[str, Any]) -> set[str]:
    """Return the names of all schemes that the document defines or requires."""
    defined = source.get("securityDefinitions") or source.get("components", {}).get("securitySchemes") or {}
    operations = (
        member
        for path, item in source["paths"].items()
        if path.startswith("/") and isinstance(item, dict)
        for member in item.values()
        if isinstance(member, dict)
    )
    required = (requirement for holder in (source, *operations) for requirement in holder.get("security", []))
    return {*defined, *(name for requirement in required for name in requirement)}


def convert_schemes(source: dict[str, Any], names: dict[str, str], notes: Notes) -> dict[str, Any]:
    """Return the OpenAPI 3 Security Scheme Objects of a document."""
    swagger = "swagger" in source
    steps = ("securityDefinitions",) if swagger else ("components", "securitySchemes")
    holder = source if swagger else source.get("components", {})
    defined = holder.get(steps[-1], {})
    result = {}
    for name in (*defined, *(name for name in names if name not in defined)):
        if names[name] != name:
            notes.info((*steps, name), f"renamed to {names[name]!r}")
        result[names[name]] = _scheme(defined.get(name, {}), name, notes, (*steps, name))
    return result


def _scheme(scheme: dict[str, Any], name: str, notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    """Return one scheme (Security Scheme Object); what it lacks is completed or noted."""
    common = {key: value for key, value in scheme.items() if key == "description" or key.startswith("x-")}
    kind = scheme.get("type") or _implied_type(scheme)
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **common}
    if kind == "http" and scheme.get("scheme"):
        return {"type": "http", **{key: scheme[key] for key in ("scheme", "bearerFormat") if key in scheme}, **common}
    if kind == "openIdConnect" and scheme.get("openIdConnectUrl"):
        return {"type": kind, "openIdConnectUrl": scheme["openIdConnectUrl"], **common}
    if kind == "apiKey":
        return _key(scheme, name, notes, steps) | common
    if kind == "oauth2":
        return {"type": "oauth2", **common, "flows": _flows(scheme, notes, steps)}
    notes.warning(steps, f"nothing is known of the security scheme {name!r} of type {scheme.get('type')!r}")
    return {"type": "http", "scheme": _UNKNOWN, **common}


def _implied_type(scheme: dict[str, Any]) -> str | None:
    if {"flow", "flows"} & scheme.keys():
        return "oauth2"
    return "apiKey" if {"name", "in"} <= scheme.keys() else None


def _key(scheme: dict[str, Any], name: str, notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    key = {"type": "apiKey", "name": scheme.get("name") or name, "in": str(scheme.get("in", "header")).lower()}
    if key["in"] not in _KEY_PLACES:
        key["in"] = "header"
    if (key["name"], key["in"]) != (scheme.get("name"), scheme.get("in")):
        notes.warning(steps, f"repaired the key: {key['name']!r} in the {key['in']}")
    return key


def _flows(scheme: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    if "flows" in scheme:
        given = {kind: flow for kind, flow in scheme["flows"].items() if kind in _ADDRESSES}
    else:
        given = {_flow_of(scheme): {key: scheme[key] for key in ("authorizationUrl", "tokenUrl") if key in scheme}}
        given[_flow_of(scheme)]["scopes"] = scheme.get("scopes", {})
    flows = {}
    for kind, flow in given.items():
        missing = [key for key in _ADDRESSES[kind] if not flow.get(key)]
        if missing:
            notes.warning(steps, f"the flow {kind} does not say its {' and '.join(missing)}: taken for that of the API")
        flows[kind] = {**flow, **dict.fromkeys(missing, "/"), "scopes": flow.get("scopes", {})}
    return flows


def _flow_of(scheme: dict[str, Any]) -> str:
    """Return the flow that is named, or that the addresses imply."""
    wanted = str(scheme.get("flow", "")).lower()
    for swagger, openapi in _FLOWS.items():
        if wanted in (swagger.lower(), openapi.lower()):
            return openapi
    if scheme.get("authorizationUrl"):
        return "authorizationCode" if scheme.get("tokenUrl") else "implicit"
    return "clientCredentials"


def operation_security(
    operation: dict[str, Any], document: dict[str, Any], names: dict[str, str]
) -> list[dict[str, Any]] | None:
    """Return what an operation requires, with the document's default copied down to it.

    Generators read the operation alone. An empty list says "nothing required" and stays; `None` means nothing is said.
    """
    holders: Iterable[dict[str, Any]] = (operation, document)
    for holder in holders:
        if holder.get("security") is not None:
            return [{names[name]: scopes for name, scopes in entry.items()} for entry in holder["security"]]
    return None
