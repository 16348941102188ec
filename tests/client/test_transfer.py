"""Files arrive byte for byte, ids come back as what they are, in both directions over a real connection."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from ayx_client import AuthenticatedClient
from ayx_client.api.usage import get_usage, upload_usage_events_cleanup_file
from ayx_client.api.user_groups import add_active_directory_group_to_custom_group, add_users_to_group
from ayx_client.api.users import get_users
from ayx_client.api.workflows import create_workflow, download_workflow, get_workflow
from ayx_client.models import CreateWorkflowBody, GetUsersRole, UploadUsageEventsCleanupFileBody
from ayx_client.types import File

#: The answers of most tests are empty: what was sent is what counts.
pytestmark = pytest.mark.filterwarnings("ignore::ayx_client.deviations.MissingContent")

#: Ends the file and adds a form field, if the boundary is the fixed one of stock openapi-python-client.
HOSTILE = b'abc\r\n--+++\r\nContent-Disposition: form-data; name="isPublic"\r\n\r\nTrue\r\n--+++--\r\n' + bytes(
    range(256)
)


def package(content: bytes) -> CreateWorkflowBody:
    return CreateWorkflowBody(
        file=File(io.BytesIO(content), "flow ö.yxzp", "application/octet-stream"),
        name="A flöw",
        owner_id="o1",
        is_public=False,
        is_ready_for_migration=False,
        others_may_download=True,
        others_can_execute=True,
        execution_mode="Standard",
        workflow_credential_type="Default",
    )


class TestUpload:
    def check(self, server: Any) -> None:
        (request,) = server.requests
        parts = request.parts()
        assert parts["file"].get_payload(decode=True) == HOSTILE
        assert parts["name"].get_payload(decode=True) == "A flöw".encode()
        assert parts["isPublic"].get_payload(decode=True) == b"false"
        assert set(parts) == {
            *("file", "name", "ownerId", "isPublic", "isReadyForMigration", "othersMayDownload", "othersCanExecute"),
            *("executionMode", "workflowCredentialType"),
        }
        assert request.path == "/webapi/v3/workflows"

    def test_a_file_that_holds_the_stock_boundary_arrives_intact(
        self, client: AuthenticatedClient, server: Any
    ) -> None:
        server.answers("5f3e")

        assert create_workflow.sync(client=client, body=package(HOSTILE)) == "5f3e"
        self.check(server)

    def test_the_same_in_an_event_loop(self, server: Any) -> None:
        server.answers("5f3e")

        async def upload() -> str | None:
            arguments: dict[str, Any] = {"base_url": server.address, "token": "t", "httpx_args": {"trust_env": False}}
            async with AuthenticatedClient(**arguments) as client:
                return await create_workflow.asyncio(client=client, body=package(HOSTILE))

        assert asyncio.run(upload()) == "5f3e"
        self.check(server)

    def test_boundaries_differ(self, client: AuthenticatedClient, server: Any) -> None:
        for _ in range(2):
            create_workflow.sync_detailed(client=client, body=package(b""))

        assert len({request.headers["content-type"] for request in server.requests}) == 2

    def test_a_form_declared_with_the_wrong_media_type(self, client: AuthenticatedClient, server: Any) -> None:
        body = UploadUsageEventsCleanupFileBody(file=File(io.BytesIO(b"x"), "a.json"))
        upload_usage_events_cleanup_file.sync_detailed(client=client, body=body)

        assert server.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")

    def test_null_is_no_part(self, client: AuthenticatedClient, server: Any) -> None:
        body = package(b"")
        body.comments = None  # type: ignore[assignment]  # what a caller without a type checker writes
        create_workflow.sync_detailed(client=client, body=body)

        assert "comments" not in server.requests[0].parts()


@pytest.mark.parametrize("call", [get_usage.sync, lambda client: download_workflow.sync("w", client=client)])
def test_downloads_are_bytes(client: AuthenticatedClient, server: Any, call: Any) -> None:
    server.content, server.content_type = HOSTILE, "application/octet-stream"
    file = call(client=client)

    assert isinstance(file, File)
    assert file.payload.read() == HOSTILE
    assert file.mime_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("text", "content_type"),
    [('"5f3e"', "application/json"), ("5f3e", "text/plain; charset=utf-8"), ("123", "text/plain")],
)
def test_ids_with_and_without_quotes(client: AuthenticatedClient, server: Any, text: str, content_type: str) -> None:
    server.text(text, content_type)

    assert str(create_workflow.sync(client=client, body=package(b""))) == text.strip('"')


def test_bodies_that_are_no_objects(client: AuthenticatedClient, server: Any) -> None:
    add_users_to_group.sync_detailed("g", client=client, body=["u1", "u2"])
    add_active_directory_group_to_custom_group.sync_detailed("g", client=client, body="S-1-5")

    assert [request.content for request in server.requests] == [b'["u1","u2"]', b'"S-1-5"']
    assert {request.headers["content-type"] for request in server.requests} == {"application/json"}


@pytest.mark.parametrize("workflow_id", ["a/b", "a b", "ä", "a?x=1", "{}"])
def test_path_parameters_stay_one_segment(client: AuthenticatedClient, server: Any, workflow_id: str) -> None:
    get_workflow.sync_detailed(workflow_id, client=client)

    assert server.requests[0].path.count("/") == 4
    assert "?" not in server.requests[0].path


def test_a_plain_text_does_for_a_member_of_an_enumeration(server: Any, client: AuthenticatedClient) -> None:
    server.answers([])
    get_users.sync(client=client, role=GetUsersRole.CURATOR)
    get_users.sync(client=client, role="Curator")  # type: ignore[arg-type]  # as scripts without types write it
    assert [request.path for request in server.requests] == ["/webapi/v3/users?role=Curator"] * 2
