"""The older generations: what their tables make of the newest document, and nothing else."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ayx_spec.convert import convert_files, operations_of

SPEC = Path(__file__).parents[2] / "spec"
Document = dict[str, Any]
OLD, MID, NEW = "2022.3", "2025.1", "2025.2"
UNREFERENCED = {"SearchUserContract", "ReducedUserView"}


@pytest.fixture(scope="module")
def derive() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("derive", SPEC / "generations" / "derive.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["derive"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["derive"]


def load(generation: str) -> Document:
    document: Document = json.loads((SPEC / "documents" / f"server-{generation}-v3.swagger.json").read_bytes())
    return document


def operations(generation: str) -> set[str]:
    return {f"{method.upper()} {path}" for method, path, _ in operations_of(load(generation)["paths"])}


def values(generation: str, definition: str, member: str) -> list[str]:
    found: list[str] = load(generation)["definitions"][definition]["properties"][member]["enum"]
    return found


def test_the_committed_documents_are_what_the_tables_make(derive: ModuleType) -> None:
    assert list(derive.generations()) == [OLD, MID]
    for generation in derive.generations():
        committed = (SPEC / "documents" / derive.file_name(generation)).read_bytes()
        assert derive.rendered(derive.derive(generation)) == committed, "run python spec/generations/derive.py"


def test_a_table_that_speaks_of_nothing_is_refused(derive: ModuleType) -> None:
    for table in (
        {"without_operations": ["GET /v3/nowhere"]},
        {"without_definitions": ["Nobody"]},
        {"without_members": ["UserView.shoeSize"]},
    ):
        with pytest.raises(KeyError):
            derive.take_away(load(NEW), table)
    with pytest.raises(ValueError, match="not in list"):
        derive.thin_out(load(NEW), {"without_values": {"IterationContract.iterationType": ["Sometimes"]}})


def test_2025_2_brought_what_the_upgrade_history_says() -> None:
    routes = {re.sub(r"{\w+}", "{}", operation) for operation in operations(MID)}
    new = {operation for operation in operations(NEW) if re.sub(r"{\w+}", "{}", operation) not in routes}
    assert new == {
        *("GET /v3/jobs", "DELETE /v3/jobs/{jobId}", "GET /v3/usage", "POST /v3/usage"),
        *("POST /v3/credentials", "PUT /v3/credentials/{credentialId}"),
        "PUT /v3/dcm/connections/{id}/sharing/collaboration",
    }
    assert len(operations(NEW) - operations(MID) - new) == 8  # a path parameter has another name: {Id}, {id}
    assert set(load(NEW)["definitions"]) - set(load(MID)["definitions"]) == {
        *("CredentialAddContract", "CredentialUpdateContract", "CredentialView", "IterationCronContract"),
        *("DCMEConnectionHandlingRuleView", "DCMEDeletedConnectionHandlingRuleView"),
        *("PagedResponse[PagedJobSummaryView]", "PagedJobSummaryView", "PaginationInfo"),
    }
    assert set(load(MID)["definitions"]) <= set(load(NEW)["definitions"])
    assert values(MID, "WorkflowVersionView", "uploadSource") == ["Designer", "Direct"]
    assert values(NEW, "WorkflowVersionView", "uploadSource") == ["Designer", "ServerUIorServerAPI"]
    assert "Cron" not in values(MID, "IterationContract", "iterationType")


def test_by_mid_2025_insights_had_gone_and_the_rest_had_come() -> None:
    assert operations(OLD) - operations(MID) == {
        "POST /v3/collections/{collectionId}/insights",
        "DELETE /v3/collections/{collectionId}/insights/{insightId}",
    }
    came = operations(MID) - operations(OLD)
    assert {operation.split("/")[2] for operation in came} == {
        *("dcm", "subscriptions", "jobs", "schedules", "users", "workflows")
    }
    assert {
        "GET /v3/jobs/{jobId}",
        "PATCH /v3/schedules/{scheduleId}",
        "PUT /v3/workflows/{workflowId}/transfer",
    } < came
    old, mid = load(OLD)["definitions"], load(MID)["definitions"]
    assert set(old) - set(mid) == {"AddInsightContract"}
    assert list(old["AddInsightContract"]["properties"]) == ["insightId"]
    assert {(name, member) for name in old for member in old[name]["properties"]} - {
        (name, member) for name in mid for member in mid[name]["properties"]
    } == {("CollectionView", "insightIds"), ("AssetsView", "insights"), ("AddInsightContract", "insightId")}
    relaxed = set(old["UpdateUserContract"]["required"]) - set(mid["UpdateUserContract"]["required"])
    assert relaxed == {"firstName", "lastName"}
    assert {member for member in mid["UserView"]["required"] if member not in old["UserView"]["required"]} == {
        *("canCreateAndUpdateDcm", "canShareForExecutionDcm"),
        *("canShareForCollaborationDcm", "canManageGenericVaultsDcm"),
    }


@pytest.mark.parametrize("generation", [OLD, MID])
def test_nothing_is_left_over(generation: str) -> None:
    text = (SPEC / "documents" / f"server-{generation}-v3.swagger.json").read_text("utf-8")
    document = load(generation)
    used = set(re.findall(r'"#/definitions/([^"]+)"', text))
    contract = {"DCMEShareForCollaborationContract", "SearchSubscriptionContract"}  # as in the documents of mid-2025
    assert set(document["definitions"]) - used == UNREFERENCED | (contract if generation == MID else set())
    named = set(re.findall(r'"([^"]+)": \{|"name": "([^"]+)"', text))
    known = {name for pair in named for name in pair} | {"asc", "desc", "sourceId", "oauthTokens"}
    mentioned = {word for prose in re.findall(r'"description": "(.*)"', text) for word in re.findall(r"`(\w+)`", prose)}
    assert mentioned - known == set()


@pytest.mark.parametrize("generation", [OLD, MID])
def test_every_operation_of_a_generation_is_converted(generation: str) -> None:
    converted = convert_files([SPEC / "documents" / f"server-{generation}-v3.swagger.json"])
    assert sum(len(item) for item in converted.document["paths"].values()) == len(operations(generation))
