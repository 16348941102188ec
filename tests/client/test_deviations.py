"""Whatever is not as the document describes it is kept, and said: in the Response, and as a warning to filter."""

from __future__ import annotations

import asyncio
import pickle
import warnings
from typing import Any

import pytest
from ayx_client import AuthenticatedClient
from ayx_client.api.collections import get_collection
from ayx_client.api.users import get_user, get_users
from ayx_client.deviations import (
    Deviation,
    MissingContent,
    MissingField,
    OptionalNull,
    UnexpectedContent,
    UnexpectedNull,
    UnexpectedType,
    UnknownEnumValue,
    UnreadableText,
)
from ayx_client.models import ActiveDirectoryObject
from ayx_client.types import UNSET

MISSING = object()
COLLECTION: dict[str, Any] = {
    "id": "c1",
    "name": "Reports",
    "dateAdded": "2024-05-06T07:08:09Z",
    "workflowIds": ["w1"],
    "userGroups": [],
    "ownerId": "o1",
    "users": [
        {
            "userId": "u1",
            "activeDirectoryObject": {"name": "n"},
            "expirationDate": "2024-05-06T07:08:09Z",
            "collectionPermissions": {},
        }
    ],
}
#: The robustness matrix: what is changed, what the Server then sends, what is said of it, and what becomes of it.
MATRIX: list[tuple[str, Any, type[Deviation] | None, str]] = [
    ("name", None, UnexpectedNull, "CollectionView.name is null, the document describes text"),
    ("name", 7, UnexpectedType, "CollectionView.name is an integer, the document describes text"),
    ("name", MISSING, MissingField, "CollectionView.name is missing, the document requires it"),
    ("dateAdded", None, UnexpectedNull, "CollectionView.dateAdded is null, the document describes a date and time"),
    ("dateAdded", MISSING, MissingField, "CollectionView.dateAdded is missing, the document requires it"),
    (
        "dateAdded",
        "Mon, 06 May 2024 07:08:09 GMT",
        UnreadableText,
        "CollectionView.dateAdded is 'Mon, 06 May 2024 07:08:09 GMT', which cannot be read as a date and time",
    ),
    ("dateAdded", "", UnreadableText, "CollectionView.dateAdded is '', which cannot be read as a date and time"),
    ("dateAdded", 0, UnexpectedType, "CollectionView.dateAdded is an integer, the document describes a date and time"),
    ("workflowIds", {}, UnexpectedType, "CollectionView.workflowIds is an object, the document describes a list"),
    ("workflowIds", [1], UnexpectedType, "CollectionView.workflowIds[] is an integer, the document describes text"),
    ("users", "u1", UnexpectedType, "CollectionView.users is text, the document describes a list"),
    ("users", [[]], UnexpectedType, "CollectionView.users[] is a list, the document describes an object"),
    ("addedLater", {"a": 1}, None, ""),
    ("dateAdded", "0001-01-01T00:00:00", None, ""),
    ("dateAdded", "2024-05-06T07:08:09.1234567+02:00", None, ""),
]


def changed(key: str, value: Any) -> dict[str, Any]:
    return {name: item for name, item in {**COLLECTION, key: value}.items() if item is not MISSING}


@pytest.mark.parametrize(("key", "value", "kind", "text"), MATRIX)
def test_the_robustness_matrix(  # noqa: PLR0917 - a row of the matrix
    client: AuthenticatedClient, server: Any, key: str, value: Any, kind: type[Deviation] | None, text: str
) -> None:
    server.answers(changed(key, value))
    with warnings.catch_warnings(record=True, action="always") as told:
        response = get_collection.sync_detailed("c", client=client)

    said = [f"GET /v3/collections/{{collection_id}}: {text}"] if kind else []
    assert [(type(deviation), str(deviation)) for deviation in response.deviations] == [(kind, one) for one in said]
    assert [(warning.category, str(warning.message)) for warning in told] == [(kind, one) for one in said]
    assert {warning.filename for warning in told} <= {__file__}
    assert response.parsed is not None
    kept = response.parsed.to_dict()
    assert kept.keys() == changed(key, value).keys()
    if value not in (MISSING, None) and key != "dateAdded":
        assert kept[key] == value


def test_an_answer_as_described_says_nothing(client: AuthenticatedClient, server: Any) -> None:
    server.answers(COLLECTION)
    with warnings.catch_warnings(action="error"):
        assert get_collection.sync_detailed("c", client=client).deviations == ()


def test_many_rows_are_one_deviation(client: AuthenticatedClient, server: Any) -> None:
    rows = [{"id": str(number), "role": "Overseer" if number else "Prince"} for number in range(100)]
    server.answers(rows)
    with warnings.catch_warnings(record=True, action="always"):
        response = get_users.sync_detailed(client=client)

    enums = [deviation for deviation in response.deviations if isinstance(deviation, UnknownEnumValue)]
    assert [(deviation.value, deviation.count) for deviation in enums] == [("Prince", 1), ("Overseer", 99)]
    missing = [deviation for deviation in response.deviations if isinstance(deviation, MissingField)]
    assert {deviation.count for deviation in missing} == {100}
    assert len(missing) == len({deviation.where for deviation in missing})


def test_null_for_what_may_be_missing_is_only_in_the_response(client: AuthenticatedClient, server: Any) -> None:
    server.answers({**changed("users", []), "owner": None} | {"userGroups": None})
    with warnings.catch_warnings(record=True, action="always") as told:
        response = get_collection.sync_detailed("c", client=client)

    assert {type(deviation) for deviation in response.deviations} <= {OptionalNull, UnexpectedNull}
    assert len(told) == len([one for one in response.deviations if not isinstance(one, OptionalNull)])


@pytest.mark.parametrize(
    ("content", "content_type", "kind"),
    [
        ("<html>Sign in</html>", "text/html", UnexpectedContent),
        ("{", "application/json", UnexpectedContent),
        ("[" * 100_000, "application/json", UnexpectedContent),
        ("", "application/json", MissingContent),
        ("null", "application/json", UnexpectedNull),
        ("[]", "application/json", UnexpectedType),
        ('"text"', "application/json", UnexpectedType),
        ("not json", "text/plain", UnexpectedType),
    ],
)
def test_a_body_of_another_kind(
    client: AuthenticatedClient, server: Any, content: str, content_type: str, kind: type[Deviation]
) -> None:
    server.text(content, content_type)
    with pytest.warns(kind) as told:
        response = get_user.sync_detailed("1", client=client)

    assert len(told) == 1
    assert [type(deviation) for deviation in response.deviations] == [kind]
    assert (response.status_code, response.content) == (200, content.encode())


@pytest.mark.parametrize("category", [Deviation, UnknownEnumValue, UserWarning])
def test_a_filter_makes_it_an_error(client: AuthenticatedClient, server: Any, category: type[Warning]) -> None:
    server.answers({"role": "Overseer"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Deviation)
        warnings.simplefilter("error", category)
        with pytest.raises(Deviation, match="GET /v3/users/"):
            get_user.sync("1", client=client)


def test_the_same_in_an_event_loop(server: Any) -> None:
    server.answers({**COLLECTION, "name": None})

    async def call() -> list[str]:
        arguments: dict[str, Any] = {"base_url": server.address, "token": "t", "httpx_args": {"trust_env": False}}
        async with AuthenticatedClient(**arguments) as client:
            response = await get_collection.asyncio_detailed("c", client=client)
            return [type(deviation).__name__ for deviation in response.deviations]

    with pytest.warns(UnexpectedNull):
        assert asyncio.run(call()) == ["UnexpectedNull"]


def test_an_object_that_comes_from_no_answer() -> None:
    with pytest.warns(
        UnknownEnumValue, match=r"^ActiveDirectoryObject.category is 'Tree', which the document does not"
    ):
        ActiveDirectoryObject.from_dict({"category": "Tree"})


def test_no_value_that_could_be_a_secret_is_said() -> None:
    deviation = UnexpectedType("CredentialView.password", "a list", "Swordfish")

    assert "Swordfish" not in str(deviation)
    assert str(UnknownEnumValue("A.b", "AB", "x" * 500 + "\n")).count("x") < 70
    assert "\n" not in str(UnreadableText("A.b", "a date", "a\nb"))


@pytest.mark.parametrize(
    "deviation",
    [MissingField("A.b", "text", UNSET), UnexpectedContent(200, "text/html", b"<html>")],
    ids=lambda deviation: type(deviation).__name__,
)
def test_they_survive_pickling(deviation: Deviation) -> None:
    again = pickle.loads(pickle.dumps(deviation))

    assert (type(again), str(again)) == (type(deviation), str(deviation))
