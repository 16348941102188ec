"""An id is one segment of the path, or nothing is sent: over every operation of the client, in every form of a call."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import ayx_client.api
import httpx
import pytest
from ayx_client import AuthenticatedClient
from ayx_client.paths import segment
from hypothesis import given
from hypothesis import strategies as st

#: What some server reads as more or less than one segment.
BAD: tuple[Any, ...] = (
    *("", " ", "\t", "\u00a0", ".", "..", "...", ". .", " ..", ".. ", "..\u200b", "/", "//", "\\", "?", "#x", "?x=1"),
    *("../x", "x/..", "x\\..\\y", "x/./y", "x//y", "/x", "x/", "..;a=b", "..;", ";", "x/..;/y", "..?", "..#", ".\\"),
    *("%2e", "%2E%2e", "%252e%252E", "%25252e.", ".%2e", "x%2f..%2fy", "x%5c..", "%c0%ae%c0%ae", "%u002e%u002e", "%2f"),
    *(
        "\uff0e\uff0e",
        "\u2025",
        "x\uff0f..",
        "a\0b",
        "%00",
        "a\nb",
        "%0a",
        "\x7f",
        "\u2028",
        "\ud800",
        "x%20",
        "%" + "25" * 9 + "2e",
    ),
    *(None, float("nan"), Decimal("NaN"), b"x", ["x"], {"x": 1}, frozenset("x"), iter("x"), object(), 1j),
)


class Name(str, Enum):  # noqa: UP042 -- the old way is the point of it
    """A text of a caller's own, whose ``str()`` is something else."""

    BOB = "bob"


GOOD: tuple[tuple[Any, str], ...] = (
    (Name.BOB, "bob"),
    (Decimal("1.5"), "1.5"),
    ("5f3e0c1d", "5f3e0c1d"),
    ("a.b-c_d~e", "a.b-c_d~e"),
    ("..a", "..a"),
    (".a", ".a"),
    ("a..b", "a..b"),
    ("a/b", "a%2Fb"),
    ("a b", "a%20b"),
    ("ä", "%C3%A4"),
    ("{}", "%7B%7D"),
    ("100%", "100%25"),
    ("a?b", "a%3Fb"),
    ("a%2Fb", "a%252Fb"),
    ("a;b", "a%3Bb"),
    (7, "7"),
    (0, "0"),
    (True, "true"),
    (1.5, "1.5"),
    (UUID(int=7), str(UUID(int=7))),
)


def functions() -> Iterator[tuple[str, Any]]:
    """Yield every module of an operation with a path parameter, by its name."""
    for tag in pkgutil.iter_modules(ayx_client.api.__path__):
        package = importlib.import_module(f"ayx_client.api.{tag.name}")
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            if in_path(module.sync_detailed):
                yield f"{tag.name}.{found.name}", module


def in_path(call: Any) -> list[str]:
    """Return the parameters of a call that are in its path: those that can be given by position."""
    parameters = inspect.signature(call).parameters.values()
    return [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD and one.name != "save_to"]


def others(call: Any) -> dict[str, Any]:
    """Return something for each required argument that is not in the path."""
    parameters = inspect.signature(call).parameters.values()
    needed = [one.name for one in parameters if one.default is one.empty and one.kind is one.KEYWORD_ONLY]
    return {name: "given" for name in needed if name != "client"}


@pytest.fixture
def sent() -> list[httpx.Request]:
    return []


@pytest.fixture
def recording(sent: list[httpx.Request]) -> AuthenticatedClient:
    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(500)

    arguments = {"transport": httpx.MockTransport(answer)}
    return AuthenticatedClient(base_url="http://127.0.0.1/webapi", token="t", httpx_args=arguments)


def calls(client: AuthenticatedClient) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield every form of every operation with a path parameter: functions, and methods of the client."""
    for name, module in functions():
        for form in ("sync_detailed", "sync", "asyncio_detailed", "asyncio", "sync_stream", "asyncio_stream"):
            if hasattr(module, form):
                yield f"{name}.{form}", getattr(module, form), {"client": client}
        tag, function = name.split(".")
        operations = next(
            getattr(client, tag + suffix) for suffix in ("", "_operations") if hasattr(client, tag + suffix)
        )
        for method, call in inspect.getmembers(operations, inspect.ismethod):
            if method.removesuffix("_to_file") in (function, f"a{function}"):
                yield f"{tag}.{method}()", call, {}


def test_no_bad_id_is_sent_by_any_operation(recording: AuthenticatedClient, sent: list[httpx.Request]) -> None:
    async def refuse(call: Any, arguments: dict[str, Any]) -> None:
        result = call(**arguments)
        if inspect.isawaitable(result):
            await result

    async def refused() -> int:
        count = 0
        for name, call, more in calls(recording):
            places = in_path(call)
            for place in places:
                for bad in BAD:
                    given_ids = {**dict.fromkeys(places, "id"), place: bad}
                    with pytest.raises(ValueError, match=rf"^{place} ") as caught:
                        await refuse(call, {**given_ids, **others(call), **more})
                    assert str(caught.value).isascii(), name
                    count += 1
        return count

    assert asyncio.run(refused()) >= 12 * len(list(functions()))
    assert sent == []


def test_a_good_id_is_in_the_address_of_every_operation() -> None:
    for name, module in functions():
        places = in_path(module.sync_detailed)
        url = module._get_kwargs(**dict.fromkeys(places, "a/b"), **with_bodies(module))["url"]
        assert url.count("a%2Fb") == len(places), name


def with_bodies(module: Any) -> dict[str, Any]:
    class Body:
        payload = b""

        def to_dict(self) -> dict[str, Any]:
            return {}

        def to_multipart(self) -> list[Any]:
            return []

        def __iter__(self) -> Iterator[Any]:
            return iter(())

    return dict.fromkeys(others(module.sync_detailed), Body())


@pytest.mark.parametrize(("value", "written"), GOOD, ids=ascii)
def test_what_is_one_segment(value: Any, written: str) -> None:
    assert segment("id", value) == written


@pytest.mark.parametrize(
    "value",
    BAD,
    ids=lambda value: f"{type(value).__name__}-{ascii(value)[:30] if isinstance(value, str | float) else ''}",
)
def test_what_is_not(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^thing_id (is|has|holds|begins) .* would not stay one segment of the path$"):
        segment("thing_id", value)


def test_a_long_id_is_not_told_whole() -> None:
    with pytest.raises(ValueError, match=r"^i has") as caught:
        segment("i", "x" * 1000 + "\n/..")

    assert len(str(caught.value)) < 150


DOTTED = st.text(
    st.sampled_from(["a", ".", "/", "\\", "%", "2", "e", "5", "f", "c", ";", "?", "#", " ", "\uff0e", "\u00e4"])
)


@given(st.text() | DOTTED)
def test_no_reading_of_what_is_sent_leaves_the_path(value: str) -> None:
    try:
        written = segment("id", value)
    except ValueError:
        return
    assert written.isascii()
    assert unquote(written) == value
    for _ in range(10):
        assert str(httpx.URL(f"http://h/a/{written}/b").raw_path.decode()).startswith("/a/")
        for part in written.replace("\\", "/").split("/"):
            assert part.partition(";")[0].strip(" .")
        written = unquote(written, errors="strict")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True) | st.uuids().map(str) | st.integers().map(str))
def test_ordinary_ids_are_sent_as_they_are(value: str) -> None:
    assert segment("id", value) == value
