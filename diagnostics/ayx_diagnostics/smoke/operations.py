"""Which operations a smoke test calls, and with which query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["Operation", "read_only_operations"]

#: Values for query parameters that keep answers small, or that the Server insists on. Names are matched whole.
_SAMPLES: dict[str, str] = {
    "limit": "1",
    "offset": "0",
    "page": "0",
    "pageSize": "1",
}
#: Required parameters that hold a time: now plus this many days.
_TIMES: dict[str, int] = {"afterDate": 0, "beforeDate": 1, "startDate": -1, "endDate": 0}


@dataclass(frozen=True)
class Operation:
    """One GET of the document.

    Attributes:
        operation_id: Its operationId.
        path: Path below the Web API address, e.g. ``/v3/users``.
        query: Parameters that are sent.
        schema: Schema of its 200 answer; None when the answer is no JSON.
        missing: Required parameters that no value is known for; the operation is then skipped.
    """

    operation_id: str
    path: str
    query: Mapping[str, str]
    schema: Mapping[str, Any] | None
    missing: tuple[str, ...] = ()


def read_only_operations(document: Mapping[str, Any], *, now: datetime | None = None) -> Iterator[Operation]:
    """Yield every GET without path parameters, in the order of the document.

    Args:
        document: An OpenAPI 3 document.
        now: The time that date parameters are counted from; the present by default.
    """
    now = now or datetime.now(UTC)
    for path, item in document["paths"].items():
        operation = item.get("get")
        if operation is None or "{" in path:
            continue
        query: dict[str, str] = {}
        missing = []
        for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
            if parameter.get("in") != "query":
                continue
            value = _sample(parameter, now)
            if value is not None:
                query[parameter["name"]] = value
            elif parameter.get("required"):
                missing.append(parameter["name"])
        yield Operation(operation["operationId"], path, query, _json_schema(operation), tuple(missing))


def _sample(parameter: Mapping[str, Any], now: datetime) -> str | None:
    """Return a harmless value, or None to leave the parameter out."""
    name, schema = parameter["name"], parameter.get("schema", {})
    if name in _SAMPLES:
        return _SAMPLES[name]
    if not parameter.get("required"):
        return None
    if name in _TIMES:
        return (now + timedelta(days=_TIMES[name])).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(schema["enum"][0]) if schema.get("enum") else None


def _json_schema(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    answer = operation.get("responses", {}).get("200", {})
    schema: Mapping[str, Any] | None = answer.get("content", {}).get("application/json", {}).get("schema")
    return schema
