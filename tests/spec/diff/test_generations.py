"""The generations of the V3 document: what is known to have changed between them, all of it and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ayx_spec.convert import load_document
from ayx_spec.diff import Comparison, compare_documents

DOCUMENTS = Path(__file__).parents[3] / "spec" / "documents"
OLD, MID, NEW = "2022.3", "2025.1", "2025.2"

#: Of the step to 2025.1, what takes something away or asks for more; everything else is an addition.
GONE_IN_MID = {
    ("breaking", "operation.removed", "DELETE /v3/collections/{collectionId}/insights/{insightId}"),
    ("breaking", "operation.removed", "POST /v3/collections/{collectionId}/insights"),
    ("breaking", "model.removed", "AddInsightContract"),
    ("breaking", "field.removed", "AssetsView.insights"),
    ("breaking", "field.removed", "CollectionView.insightIds"),
    ("breaking", "parameter.enum_removed", "GET /v3/users/{userId}/assets query.assetType"),
}
#: Members that the step to 2025.1 brings to models that were there, and what it relaxes.
MEMBERS_OF_MID = {
    ("field.added", "CreateScheduleContract.questions"),
    ("field.added", "CreateScheduleContract.timeZone"),
    ("field.added", "ScheduleView.questions"),
    ("field.added_required", "ScheduleView.timeZone"),
    ("field.added_required", "ReducedScheduleView.timeZone"),
    ("field.added", "UpdateScheduleContract.questions"),
    ("field.added", "UpdateScheduleContract.timeZone"),
    ("field.added_required", "ReducedWorkflowView.sourceAppId"),
    ("field.added_required", "WorkflowView.sourceAppId"),
    ("field.added_required", "WorkflowVersionView.credentialId"),
    ("field.added", "ServerConnectionView.dcmConnectionId"),
    ("field.added", "ServerConnectionView.dcmConnectionTitle"),
    ("field.became_optional", "UpdateUserContract.firstName"),
    ("field.became_optional", "UpdateUserContract.lastName"),
    *(
        (f"field.added{'_required' if model == 'UserView' else ''}", f"{model}.{flag}Dcm")
        for model in ("CreateUserContract", "UpdateUserContract", "UserView")
        for flag in (
            "canCreateAndUpdate",
            "canManageGenericVaults",
            "canShareForCollaboration",
            "canShareForExecution",
        )
    ),
}
CHANGED_IN_NEW = {
    *(
        ("breaking", "parameter.renamed", f"{operation} path.objectId")
        for operation in (
            "DELETE /v3/dcm/admin/connectionhandlingrules/{objectId}",
            "GET /v3/dcm/admin/connectionhandlingrules/{objectId}",
            "DELETE /v3/dcm/admin/connections/{objectId}",
            "GET /v3/dcm/admin/connections/{objectId}",
            "DELETE /v3/dcm/admin/connections/{objectId}/sharing/collaboration",
            "DELETE /v3/dcm/admin/connections/{objectId}/sharing/execution",
        )
    ),
    ("attention", "parameter.renamed", "GET /v3/dcm/connections/{id} path.id"),
    ("attention", "parameter.renamed", "DELETE /v3/dcm/connections/{id} path.id"),
    ("attention", "field.enum_added", "WorkflowVersionView.uploadSource"),
    ("attention", "field.enum_removed", "WorkflowVersionView.uploadSource"),
    ("addition", "field.enum_added", "IterationContract.iterationType"),
    ("addition", "field.added", "IterationContract.cronContract"),
    ("addition", "field.added", "WorkflowView.packageWorkflowType"),
    ("addition", "field.added", "UpdateWorkflowContract.othersCanViewHistory"),
    ("addition", "field.added", "POST /v3/workflows body.bypassWorkflowVersionCheck"),
    ("addition", "field.added", "POST /v3/workflows/{workflowId}/versions body.bypassWorkflowVersionCheck"),
    ("addition", "response.type_changed", "GET /v3/dcm/admin/connectionhandlingrules response.200"),
    ("addition", "response.type_changed", "POST /v3/dcm/admin/connectionhandlingrules response.200"),
    ("addition", "response.type_changed", "POST /v3/dcm/admin/connectionhandlingrules response.201"),
    ("addition", "response.type_changed", "GET /v3/dcm/admin/connectionhandlingrules/{objectId} response.200"),
    ("addition", "response.type_changed", "DELETE /v3/dcm/admin/connectionhandlingrules/{objectId} response.200"),
    *(
        ("addition", "operation.added", operation)
        for operation in (
            "GET /v3/jobs",
            "DELETE /v3/jobs/{jobId}",
            "GET /v3/usage",
            "POST /v3/usage",
            "POST /v3/credentials",
            "PUT /v3/credentials/{credentialId}",
            "PUT /v3/dcm/connections/{id}/sharing/collaboration",
        )
    ),
    *(
        ("addition", "model.added", model)
        for model in (
            "CredentialAddContract",
            "CredentialUpdateContract",
            "CredentialView",
            "DCMEConnectionHandlingRuleView",
            "DCMEDeletedConnectionHandlingRuleView",
            "PagedResponse[PagedJobSummaryView]",
            "PagedJobSummaryView",
            "PaginationInfo",
            "IterationCronContract",
        )
    ),
}


@pytest.fixture(scope="module")
def steps() -> dict[tuple[str, str], Comparison]:
    documents = {name: load_document(DOCUMENTS / f"server-{name}-v3.swagger.json") for name in (OLD, MID, NEW)}
    return {
        (old, new): compare_documents([documents[old]], [documents[new]])
        for old, new in ((OLD, MID), (MID, NEW), (NEW, MID), (NEW, NEW))
    }


def told(comparison: Comparison) -> set[tuple[str, str, str]]:
    found = set()
    for change in comparison.changes:
        place = change.model or change.operation or ""
        inner = (change.location or "").removeprefix("field.") if change.kind.startswith("field.") else change.location
        separator = "." if change.model else " "
        whole = change.kind.startswith(("operation.", "model."))
        found.add((change.level, change.kind, place if whole else f"{place}{separator}{inner}"))
    return found


def test_the_step_of_2025_takes_the_insights_away_and_relaxes_the_update_of_users(
    steps: dict[tuple[str, str], Comparison],
) -> None:
    found = told(steps[OLD, MID])
    harmless = {(kind, place) for level, kind, place in found if level == "addition"}

    assert {row for row in found if row[0] != "addition"} == GONE_IN_MID
    assert {(kind, place) for kind, place in harmless if kind.startswith("field.")} == MEMBERS_OF_MID
    assert {kind for kind, _ in harmless} == {
        *(kind for kind, _ in MEMBERS_OF_MID),
        "operation.added",
        "model.added",
    }


def test_the_step_to_the_newest_is_all_of_the_known_list_and_nothing_else(
    steps: dict[tuple[str, str], Comparison],
) -> None:
    assert told(steps[MID, NEW]) == CHANGED_IN_NEW


def test_backwards_the_additions_are_removals(steps: dict[tuple[str, str], Comparison]) -> None:
    forth = {(kind, place) for _, kind, place in told(steps[MID, NEW]) if kind.endswith((".added", "enum_added"))}
    back = {(kind, place) for _, kind, place in told(steps[NEW, MID]) if kind.endswith((".removed", "enum_removed"))}

    def reversed_spelling(place: str) -> str:
        return place.replace("/dcm/connections/{id}", "/dcm/connections/{Id}") if "collab" not in place else place

    assert {(kind.replace("added", "removed"), reversed_spelling(place)) for kind, place in forth} == back


def test_nothing_changes_from_a_document_to_itself(steps: dict[tuple[str, str], Comparison]) -> None:
    assert steps[NEW, NEW].changes == ()
    assert (steps[NEW, NEW].unchanged_operations, steps[NEW, NEW].unchanged_models) == (97, 112)
