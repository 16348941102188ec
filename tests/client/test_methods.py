"""The operations as methods of a client: typed, lazy, and with an error for every status but that of success."""

from __future__ import annotations

import asyncio
import inspect
import io
import pickle
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from ayx_client import AuthenticatedClient
from ayx_client.api import Operations
from ayx_client.calls import with_async_content
from ayx_client.deviations import MissingContent, UndocumentedStatus
from ayx_client.errors import ErrorResponse, UnexpectedContent
from ayx_client.models import CreateWorkflowBody
from ayx_client.types import File, Response
from ayx_spec import bundled_documents
from ayx_spec.convert import client_names, convert_files

PACKAGE = b"PK\x03\x04" + bytes(range(256)) * 64


def test_every_operation_is_a_method_of_its_tag(client: AuthenticatedClient) -> None:
    for name in client_names(convert_files(bundled_documents()).document).values():
        operations = getattr(client, name.tag)
        method, twin = getattr(operations, name.function), getattr(operations, f"a{name.function}")

        assert inspect.iscoroutinefunction(twin)
        assert not inspect.iscoroutinefunction(method)
        assert inspect.signature(method) == inspect.signature(twin)
        assert method.__doc__.startswith(twin.__doc__.strip())


def test_the_object_of_a_successful_answer(client: AuthenticatedClient, server: Any) -> None:
    server.answers("5f3e")
    body = CreateWorkflowBody(
        File(io.BytesIO(PACKAGE), "a.yxzp"), "A", "o", False, False, True, True, "Standard", "Default"
    )

    assert client.workflows.create_workflow(body=body) == "5f3e"
    assert server.requests[0].path == "/webapi/v3/workflows"


def test_the_asynchronous_twin(server: Any) -> None:
    server.answers([])

    async def call() -> Any:
        arguments: dict[str, Any] = {"base_url": server.address, "token": "t", "httpx_args": {"trust_env": False}}
        async with AuthenticatedClient(**arguments) as client:
            return await client.users.aget_users(email="ada@example.com")

    assert asyncio.run(call()) == []
    assert server.requests[0].path == "/webapi/v3/users?email=ada%40example.com"


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (404, b'{"message": "No such\\nuser."}', "GET /v3/users/{user_id}: 404 Not Found: No such\\nuser."),
        (
            401,
            b'{"Message": "Authorization has been denied"}',
            "GET /v3/users/{user_id}: 401 Unauthorized: Authorization has been denied",
        ),
        (400, b'"text"', "GET /v3/users/{user_id}: 400 Bad Request: text"),
        (520, b"<html>", "GET /v3/users/{user_id}: 520"),
        (302, b"", "GET /v3/users/{user_id}: 302 Found"),
        (500, b"[" * 100_000, "GET /v3/users/{user_id}: 500 Internal Server Error"),
    ],
)
def test_any_other_status_is_an_error(
    client: AuthenticatedClient, server: Any, status: int, content: bytes, expected: str
) -> None:
    server.status, server.content = status, content
    with pytest.raises(ErrorResponse) as caught:
        client.users.get_user("1")

    assert str(caught.value) == expected
    assert (caught.value.status_code, caught.value.response.content) == (status, content)
    assert str(pickle.loads(pickle.dumps(ErrorResponse("GET /", Response(404, b"", {}, None))))) == "GET /: 404"


def test_a_login_page(client: AuthenticatedClient, server: Any) -> None:
    server.text("<html>Sign in</html>", "text/html")
    with pytest.raises(UnexpectedContent), pytest.warns(UnexpectedContent):
        client.users.get_users()


def test_success_without_the_described_content(client: AuthenticatedClient, server: Any) -> None:
    server.text("", "", 204)
    with pytest.raises(MissingContent), pytest.warns(MissingContent), pytest.warns(UndocumentedStatus):
        client.users.get_user("1")
    with pytest.warns(MissingContent), pytest.warns(UndocumentedStatus, match="has status 204, the document names 200"):
        assert client.users.get_users() == []
    server.status = 200
    with pytest.raises(MissingContent), pytest.warns(MissingContent):
        client.users.get_user("1")
    assert client.users.delete_user("1") is None  # type: ignore[func-returns-value]  # the document describes none


class TestFilesOfAnySize:
    SIZE = 32 * 1024 * 1024

    def test_a_download_into_a_file_is_not_held_in_memory(
        self, client: AuthenticatedClient, server: Any, tmp_path: Path
    ) -> None:
        server.content, server.content_type = b"PK" * (self.SIZE // 2), "application/octet-stream"
        tracemalloc.start()
        path = client.workflows.download_workflow_to_file("1", save_to=tmp_path / "w.yxzp")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert path.stat().st_size == self.SIZE
        assert most < self.SIZE / 8
        assert [path.name for path in tmp_path.iterdir()] == ["w.yxzp"]

    def test_the_same_in_an_event_loop(self, server: Any, tmp_path: Path) -> None:
        server.content, server.content_type = PACKAGE, "application/octet-stream"

        async def call() -> Path:
            arguments: dict[str, Any] = {"base_url": server.address, "token": "t", "httpx_args": {"trust_env": False}}
            async with AuthenticatedClient(**arguments) as client:
                return await client.workflows.adownload_workflow_to_file("1", save_to=str(tmp_path / "w.yxzp"))

        assert asyncio.run(call()).read_bytes() == PACKAGE

    @pytest.mark.parametrize("method", ["download_workflow_to_file", "adownload_workflow_to_file"])
    def test_an_error_makes_no_file(
        self, client: AuthenticatedClient, server: Any, tmp_path: Path, method: str
    ) -> None:
        server.answers({"message": "gone"}, 404)
        (tmp_path / "w.yxzp").write_text("before")

        async def call() -> None:
            await getattr(client.workflows, method)("1", save_to=tmp_path / "w.yxzp")
            await client.get_async_httpx_client().aclose()

        with pytest.raises(ErrorResponse, match="404 Not Found: gone"):  # noqa: PT012 - either form
            if method.startswith("a"):
                asyncio.run(call())
            else:
                client.workflows.download_workflow_to_file("1", save_to=tmp_path / "w.yxzp")

        assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("w.yxzp", "before")]

    def test_a_file_in_an_event_loop_is_sent_in_pieces(self) -> None:
        file = io.BytesIO(b"head" + b"x" * 200_000)
        file.seek(4)
        arguments = with_async_content({"content": file, "headers": {"A": "b"}})

        async def pieces() -> list[int]:
            return [len(piece) async for piece in arguments["content"]]

        assert arguments["headers"] == {"A": "b", "Content-Length": "200000"}
        assert asyncio.run(pieces()) == [65536, 65536, 65536, 3392]
        assert with_async_content({"content": b"bytes"}) == {"content": b"bytes"}


def test_a_client_with_methods_imports_none_of_them() -> None:
    script = """
import sys
import ayx_client
print([name for name in sys.modules if name.startswith(("ayx_client.api.", "ayx_client.models"))])
client = ayx_client.AuthenticatedClient(base_url="http://127.0.0.1", token="t")
client.workflows
print([name for name in sys.modules if name.startswith(("ayx_client.api.", "ayx_client.models."))])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines() == ["[]", "['ayx_client.api.workflows']"]


def test_no_tag_hides_anything_of_a_client() -> None:
    tags = {name for name in vars(Operations) if not name.startswith("_")}

    assert tags
    assert (
        tags & (AuthenticatedClient.__dict__.keys() | {field.alias for field in AuthenticatedClient.__attrs_attrs__})
        == set()
    )
