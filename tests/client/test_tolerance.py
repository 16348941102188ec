"""One odd value must not cost the whole answer: each row is something that a real Server, or a proxy, has sent."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import sys
from typing import Any

import pytest
from ayx_client import AuthenticatedClient
from ayx_client.api.collections import get_collection
from ayx_client.api.users import get_user, get_users
from ayx_client.deviations import MissingContent, UnexpectedNull
from ayx_client.errors import UnexpectedContent, UnexpectedStatus
from ayx_client.models import CollectionUserView, CollectionView, GetWorkflowsView, UserView, UserViewRole
from ayx_client.types import Unset
from hypothesis import given, settings
from hypothesis import strategies as st

#: How they are told is the subject of test_deviations.py.
pytestmark = pytest.mark.filterwarnings("ignore::ayx_client.deviations.Deviation")

WHEN = "2024-05-06T07:08:09.1234567Z"
USER: dict[str, Any] = {
    "id": "5f3e",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "email": "ada@example.com",
    "role": "Curator",
    "isActive": True,
    "lastLoginDateTime": WHEN,
    "sharedCredentialIds": ["1", "2"],
}
COLLECTION: dict[str, Any] = {
    "id": "c1",
    "name": "Reports",
    "dateAdded": "2024-05-06T07:08:09Z",
    "workflowIds": ["w1"],
    "users": [{"userId": "u1", "activeDirectoryObject": {"name": "n"}}],
}


class TestOneValue:
    def test_an_unknown_enumeration_value_is_a_member_of_its_own(self) -> None:
        role = UserView.from_dict({**USER, "role": "Overseer"}).role

        assert isinstance(role, UserViewRole)
        assert (role, role.value, role.name, str(role)) == ("Overseer", "Overseer", "UNKNOWN_Overseer", "Overseer")
        assert role == UserViewRole("Overseer")
        assert hash(role) == hash("Overseer")
        assert copy.deepcopy(role) == pickle.loads(pickle.dumps(role)) == role
        assert "Overseer" not in list(UserViewRole)
        assert role is UserViewRole("Overseer") is UserView.from_dict({**USER, "role": "Overseer"}).role
        assert UserView.from_dict({**USER, "role": "Overseer"}).to_dict()["role"] == "Overseer"
        assert pickle.loads(pickle.dumps(role)) is role is not UserViewRole.CURATOR
        assert json.dumps({"role": role}) == '{"role": "Overseer"}'

    def test_a_server_that_makes_up_values_without_end_takes_no_memory_without_end(self) -> None:
        module = sys.modules[GetWorkflowsView.__module__]
        for number in range(2000):
            assert GetWorkflowsView(f"v{number}") == f"v{number}"

        assert len(vars(module)["_UNKNOWN"]) == 1000

    @pytest.mark.parametrize("key", USER)
    def test_null_anywhere(self, key: str) -> None:
        user = UserView.from_dict({**USER, key: None})

        assert user.to_dict() == {**USER, "lastLoginDateTime": user.to_dict()["lastLoginDateTime"], key: None}

    @pytest.mark.parametrize("key", USER)
    def test_missing_anywhere(self, key: str) -> None:
        given_user = {name: value for name, value in USER.items() if name != key}
        user = UserView.from_dict(given_user)

        assert user.to_dict().keys() == given_user.keys()

    def test_nothing_at_all(self) -> None:
        assert isinstance(UserView.from_dict({}).id, Unset)
        assert UserView.from_dict({}).to_dict() == {}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (WHEN, dt.datetime(2024, 5, 6, 7, 8, 9, 123456, dt.UTC)),
            ("2024-05-06T07:08:09+02:00", dt.datetime.fromisoformat("2024-05-06T07:08:09+02:00")),
            ("0001-01-01T00:00:00", dt.datetime(1, 1, 1)),  # noqa: DTZ001 - .NET's DateTime.MinValue has no zone
            ("Mon, 06 May 2024 07:08:09 GMT", "Mon, 06 May 2024 07:08:09 GMT"),
            ("/Date(1714979289000)/", "/Date(1714979289000)/"),
            ("", ""),
            (1714979289, 1714979289),
            ({}, {}),
        ],
    )
    def test_dates_of_all_kinds(self, text: Any, expected: Any) -> None:
        assert UserView.from_dict({**USER, "lastLoginDateTime": text}).last_login_date_time == expected

    @pytest.mark.parametrize("odd", [None, 7, "text", True, [], [1], {}, {"a": 1}])
    @pytest.mark.parametrize("key", COLLECTION)
    def test_a_value_of_another_type_stays_what_it_is(self, key: str, odd: Any) -> None:
        given_collection = {**COLLECTION, key: odd}
        written = CollectionView.from_dict(given_collection).to_dict()

        assert written[key] == odd
        assert written.keys() == given_collection.keys()

    def test_null_among_objects(self) -> None:
        users = CollectionView.from_dict({**COLLECTION, "users": [None, COLLECTION["users"][0], 3]}).users

        assert isinstance(users, list)
        assert [type(user) for user in users] == [type(None), CollectionUserView, int]

    def test_unknown_members_are_kept_and_sent_back(self) -> None:
        given_user = {**USER, "addedLater": {"a": [1, None]}}
        user = UserView.from_dict(given_user)

        assert user["addedLater"] == {"a": [1, None]}
        assert user.additional_keys == ["addedLater"]
        assert user.to_dict()["addedLater"] == {"a": [1, None]}

    def test_the_given_object_is_left_alone(self) -> None:
        given_user = copy.deepcopy(USER)
        UserView.from_dict(given_user)

        assert given_user == USER


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*COLLECTION, "other"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*COLLECTION, "other"]), anything))
def test_whatever_comes_goes_back_as_it_came(value: dict[str, Any]) -> None:
    collection = CollectionView.from_dict(value)
    again = CollectionView.from_dict(collection.to_dict())

    assert again == collection
    assert again.to_dict().keys() == value.keys()


class TestOneAnswer:
    def test_rows_of_the_default_view(self, client: AuthenticatedClient, server: Any) -> None:
        server.answers([{"id": "1", "firstName": "A", "lastName": "B", "email": "a@b.example"}, USER])
        users = get_users.sync(client=client)

        assert users is not None
        assert [user.id for user in users] == ["1", "5f3e"]
        assert isinstance(users[0].role, Unset)
        assert server.requests[0].path == "/webapi/v3/users"
        assert server.requests[0].headers["authorization"] == "Bearer t0k3n"

    @pytest.mark.parametrize("status", [440, 499, 520, 599, 299])
    def test_a_status_that_python_does_not_know(self, client: AuthenticatedClient, server: Any, status: int) -> None:
        server.text("<html>proxy</html>", "text/html", status)
        response = get_user.sync_detailed("1", client=client)

        assert response.status_code == status
        assert type(response.status_code) is int
        assert (response.parsed, response.content) == (None, b"<html>proxy</html>")

    def test_an_undocumented_status_raises_if_wanted(self, server: Any) -> None:
        server.answers({}, 520)
        strict = AuthenticatedClient(
            base_url=server.address, token="t", raise_on_unexpected_status=True, httpx_args={"trust_env": False}
        )
        with strict, pytest.raises(UnexpectedStatus):
            get_user.sync("1", client=strict)

    @pytest.mark.parametrize("content_type", ["text/html", "application/json", ""])
    def test_an_error_page_with_a_documented_status(
        self, client: AuthenticatedClient, server: Any, content_type: str
    ) -> None:
        server.text("<html>Unauthorized</html>", content_type, 401)
        response = get_collection.sync_detailed("c", client=client)

        assert (response.status_code, response.parsed) == (401, None)

    def test_a_login_page_with_status_200(self, client: AuthenticatedClient, server: Any) -> None:
        server.text("<html>Sign in</html>", "text/html; charset=utf-8")
        response = get_users.sync_detailed(client=client)
        assert (response.status_code, response.parsed, response.content) == (200, None, b"<html>Sign in</html>")

        with pytest.raises(
            UnexpectedContent, match="status 200 with text/html; charset=utf-8 instead of JSON"
        ) as caught:
            get_users.sync(client=client)

        assert caught.value.content == b"<html>Sign in</html>"

    @pytest.mark.parametrize("content", ["", " \r\n"])
    def test_an_empty_answer(self, client: AuthenticatedClient, server: Any, content: str) -> None:
        server.text(content, "application/json")

        assert get_users.sync(client=client) == []
        with pytest.raises(MissingContent):
            get_user.sync("1", client=client)

    def test_a_byte_order_mark(self, client: AuthenticatedClient, server: Any) -> None:
        server.text('\ufeff[{"id": "1"}]', "application/json; charset=utf-8")
        users = get_users.sync(client=client)

        assert users is not None
        assert users[0].id == "1"

    def test_null_instead_of_an_object(self, client: AuthenticatedClient, server: Any) -> None:
        server.answers(None)

        assert get_users.sync(client=client) == []
        with pytest.raises(UnexpectedNull, match="answer is null, the document describes an object"):
            get_user.sync("1", client=client)


def test_time_limits_are_on_unless_switched_off() -> None:
    timeout = AuthenticatedClient(base_url="http://127.0.0.1", token="t").get_httpx_client().timeout
    never = AuthenticatedClient(base_url="http://127.0.0.1", token="t", timeout=None).get_httpx_client().timeout

    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == (5.0, 30.0, 30.0, 30.0)
    assert (never.connect, never.read) == (None, None)


def test_a_changed_copy_leaves_the_original_alone() -> None:
    original = AuthenticatedClient(base_url="http://127.0.0.1", token="t")
    http = original.get_httpx_client()
    original.with_headers({"X-Changed": "1"}).with_cookies({"c": "1"}).with_timeout(http.timeout.__class__(1))

    assert "x-changed" not in http.headers
    assert not http.cookies
    assert http.timeout.read == 30.0
