"""Every operation of the client, called over a real connection: what is sent, and what becomes of each answer."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import re
import warnings
from keyword import iskeyword
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin
from urllib.parse import parse_qsl, unquote

import pytest

from .samples import EndlessError, answer_type, arguments, as_json, sample

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

FORMS = ("sync_detailed", "asyncio_detailed")
#: No document names it: what is said of it depends on nothing else.
UNKNOWN_STATUS = 520
#: No answer to a request that asks for no part (RFC 9110, 15.3.7).
PARTIAL = "206"
#: JSON and files of any kind; what else a document names (text/csv, application/zip) has a form of its own.
ASKED = re.compile(r"(?i)[^/]*/([^;]*\+)?json(;.*)?|application/octet-stream|\*/\*")
ODD_IDS = ("a/b", "../users", "ä", "%2e", "?x=1", "a#b", "{}")


def answer_with(httpserver: HTTPServer, content: bytes, content_type: str, status: int = 200) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_data(content, status, content_type=content_type)


def called(operation: Any, form: str, server: Any, **more: Any) -> Any:
    function = getattr(operation.module, form)
    given = arguments(function) | more
    if not inspect.iscoroutinefunction(function):
        return function(client=server, **given)

    async def call() -> Any:
        try:
            return await function(client=server, **given)
        finally:
            await server.get_async_httpx_client().aclose()

    return asyncio.run(call())


def method_of(operation: Any, server: Any, *, twin: bool = False) -> Any:
    """Return an operation, or its asynchronous twin, as a method of the client."""
    tags = [getattr(server, name) for name in dir(type(server)) if _is_tag(server, name)]
    (holder,) = [tag for tag in tags if type(tag).__module__ == operation.module.__package__]
    name = operation.function
    if twin:  # an operation of the twin's name keeps it
        taken = (operation.directory / f"a{name}.py").exists() or iskeyword(f"a{name}")
        name = f"{name}_async" if taken else f"a{name}"
    return getattr(holder, name)


def _is_tag(server: Any, name: str) -> bool:
    return not name.startswith("_") and isinstance(inspect.getattr_static(type(server), name), property)


def success_of(operation: Any) -> tuple[int, dict[str, Any] | None]:
    """Return a status of success that an operation documents, and the schema of its content; None if it has none.

    Skips the test of an operation of which no such answer can be asked without knowing its document.
    """
    if operation.described is None:
        pytest.skip("the client keeps no document of it: it was made from OpenAPI 3")
    if operation.name.startswith("HEAD "):
        pytest.skip("an answer to HEAD has no content (RFC 9110, 9.3.2)")
    if other := [one for one in accepted_by(operation) if not ASKED.fullmatch(one)]:
        pytest.skip(f"its content has a form of its own: {', '.join(other)}")
    for status, answer in sorted(operation.described["responses"].items()):  # 200, then 2XX, then default
        if re.fullmatch("2..|default", status) and status != PARTIAL:
            schema = next((content.get("schema") for content in (answer.get("content") or {}).values()), None)
            return int(status) if status.isdigit() else 200, schema
    return pytest.skip("the document names no status of success for a whole answer")


def accepted_by(operation: Any) -> list[str]:
    """Return the media types that an operation asks for by itself; none if it asks for JSON as the client does."""
    request = operation.module._get_kwargs(**arguments(operation.module.sync_detailed))
    accepted = request.get("headers", {}).get("Accept", "")
    return [one.strip() for one in accepted.split(",") if accepted]


def answer_types(operation: Any) -> tuple[Any, ...]:
    """Return what an operation parses its answers into; several, if that depends on the status."""
    kind = answer_type(operation.module.sync_detailed)
    return get_args(kind) or (kind,) if get_origin(kind) in (Union, UnionType) else (kind,)


def test_it_is_there_in_all_its_forms(operation: Any) -> None:
    module = operation.module

    assert all(callable(getattr(module, form)) for form in FORMS)
    assert hasattr(module, "sync") == hasattr(module, "asyncio")
    assert inspect.signature(module.sync_detailed) == inspect.signature(module.asyncio_detailed)
    assert operation.name.partition(" ")[0] in module.sync_detailed.__doc__


def test_it_is_a_method_of_its_tag(operation: Any, server: Any) -> None:
    method, twin = method_of(operation, server), method_of(operation, server, twin=True)

    assert inspect.iscoroutinefunction(twin)
    assert not inspect.iscoroutinefunction(method)
    assert inspect.signature(method) == inspect.signature(twin)


def test_the_request_is_the_described_one(operation: Any, server: Any, httpserver: HTTPServer) -> None:
    answer_with(httpserver, b"", "", UNKNOWN_STATUS)
    for form in FORMS:
        called(operation, form, server)
    method, _, path = operation.name.partition(" ")
    path, _, query = path.partition("?")
    steps = [re.escape(unquote(part)) for part in re.split(r"\{[^{}]*\}", path)]

    fixed = parse_qsl(query, keep_blank_values=True)

    assert len(httpserver.log) == len(FORMS)
    for request, _ in httpserver.log:
        assert request.method == method
        assert re.fullmatch("/webapi" + "[^/]+".join(steps), request.path)
        sent = parse_qsl(request.query_string.decode(), keep_blank_values=True)
        assert {name for name, _ in fixed} <= {name for name, _ in sent}
        assert {pair for pair in fixed if "{" not in pair[1]} <= set(sent)
        assert request.headers["Authorization"] == "Bearer t0k3n"


def test_an_answer_as_described_is_parsed_and_nothing_is_odd_about_it(
    operation: Any, server: Any, httpserver: HTTPServer, under_test: Any
) -> None:
    status, schema = success_of(operation)
    kinds = answer_types(operation)
    if len(kinds) > 1 and under_test.package.types.File in kinds:
        pytest.skip("whether it is a file depends on the status")
    kind = kinds[0]
    if kind is under_test.package.types.File:
        expected: Any = bytes(range(256))
        answer_with(httpserver, expected, "application/octet-stream", status)
    elif schema is None or kind is Any:
        expected = None
        answer_with(httpserver, b"", "", status)
    else:
        try:
            expected = sample(schema, under_test.document)
        except EndlessError:
            pytest.skip("nothing finite fits its schema")
        answer_with(httpserver, json.dumps(expected).encode(), "application/json", status)

    for form in FORMS:
        response = called(operation, form, server)
        assert as_json(response.parsed) == expected
        assert (response.status_code, response.deviations) == (status, ())


def test_any_other_status_is_an_error_of_its_method(
    operation: Any, server: Any, httpserver: HTTPServer, under_test: Any
) -> None:
    answer_with(httpserver, b'{"message": "not here"}', "application/json", UNKNOWN_STATUS)
    error = under_test.package.errors.ErrorResponse
    said = f"{operation.name}: {UNKNOWN_STATUS}" + ("" if operation.name.startswith("HEAD ") else ": not here")
    with warnings.catch_warnings():
        # `default` and `5XX` describe this answer too, and not as it is
        warnings.simplefilter("ignore", under_test.package.deviations.Deviation)
        with pytest.raises(error, match=f"^{re.escape(said)}$"):
            method_of(operation, server)(**arguments(operation.module.sync_detailed))


def test_a_sign_in_page_is_no_answer(operation: Any, server: Any, httpserver: HTTPServer, under_test: Any) -> None:
    status, schema = success_of(operation)
    if schema is None or answer_type(operation.module.sync_detailed) in (under_test.package.types.File, Any, str):
        pytest.skip("its answer is no JSON")
    answer_with(httpserver, b"<html>Sign in</html>", "text/html", status)
    deviation = under_test.package.deviations.UnexpectedContent
    with pytest.warns(deviation), pytest.raises(deviation):
        called(operation, "sync", server)


def test_an_id_stays_one_step_of_the_path_or_is_refused(
    operation_with_id: Any, server: Any, httpserver: HTTPServer
) -> None:
    path, _, _ = operation_with_id.name.partition("?")
    variables = re.findall(r"\{([^{}]*)\}", operation_with_id.name)
    given = arguments(operation_with_id.module.sync_detailed)
    ids = [name for name, value in given.items() if name in variables and value == "text"]
    answer_with(httpserver, b"", "", UNKNOWN_STATUS)
    for odd in ODD_IDS if ids else ():
        with contextlib.suppress(ValueError):
            called(operation_with_id, "sync_detailed", server, **dict.fromkeys(ids, odd))

    assert bool(httpserver.log) == bool(ids)
    for request, _ in httpserver.log:
        assert request.environ["RAW_URI"].partition("?")[0].count("/") == 1 + path.count("/")
