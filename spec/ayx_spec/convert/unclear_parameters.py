"""Parameters that do not say what they are, or refer to what is not there: each is given a name and a place."""

from __future__ import annotations

import re
from typing import Any

from ayx_spec.convert.notes import Notes
from ayx_spec.convert.paths import template_names

__all__ = ["LOCATIONS", "clear"]

#: Where a parameter may be: Swagger 2.0 and OpenAPI 3.0.3, Parameter Object.
LOCATIONS = ("query", "header", "path", "cookie", "body", "formData")

#: Other words for the places, in lower case.
_PLACES = {
    **{place.lower(): place for place in LOCATIONS},
    **dict.fromkeys(("form", "multipart", "form-data", "formdata", "file"), "formData"),
    **dict.fromkeys(("json", "data", "payload", "requestbody"), "body"),
    **dict.fromkeys(("url", "uri", "route"), "path"),
    **dict.fromkeys(("headers",), "header"),
    **dict.fromkeys(("cookies",), "cookie"),
}


def clear(parameter: dict[str, Any], path: str, notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    """Return a parameter with a name and a place that Swagger 2.0 and OpenAPI know (Parameter Object: both required).

    A reference that leads nowhere stands for an optional text in the query, or for the variable of the path that it
    is called after: `#/parameters/SubscriptionIdParameter` of `/subscriptions/{subscriptionId}`.
    """
    if "$ref" in parameter:
        return _unknown(parameter, path, notes, steps)
    given = parameter.get("in")
    place = _PLACES.get(str(given).strip().lower()) if given else _implied(parameter, path)
    name = parameter.get("name")
    if place == "path" and given != "path" and name not in template_names(path):
        place = None
    if place is not None and place == given and name:
        return parameter
    result = {**parameter, "name": name or ("body" if place == "body" else f"parameter_{steps[-1]}")}
    result["in"] = place or "query"
    if not name:
        notes.warning(steps, f"named the parameter {result['name']!r}: it has no name")
    if result["in"] != given:
        notes.warning(steps, f"repaired the place of {result['name']!r}: {result['in']} instead of {given!r}")
    return result


def _implied(parameter: dict[str, Any], path: str) -> str | None:
    """Return the place that a parameter without one can only mean."""
    if parameter.get("name") in template_names(path):
        return "path"
    if parameter.get("type") == "file":
        return "formData"
    described = "schema" in parameter and "style" not in parameter
    return "body" if described else None


def _unknown(parameter: dict[str, Any], path: str, notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    reference = parameter["$ref"]
    called = re.sub(r"[^A-Za-z0-9._-]+", "_", reference.rstrip("/#").rsplit("/", 1)[-1]).strip("_") or "parameter"
    called = re.sub(r"(?<=.)(?:Parameter|\.(?:json|ya?ml))$", "", called)
    variables = {_folded(name): name for name in template_names(path)}
    name = variables.get(_folded(called))
    place = "path" if name is not None else "query"
    notes.warning(
        (*steps, "$ref"), f"{reference!r} leads nowhere: taken for a text called {name or called!r} in the {place}"
    )
    beside = {key: value for key, value in parameter.items() if key == "description"}
    return {**beside, "name": name or called, "in": place, "required": place == "path", "type": "string"}


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
