"""Schedules: when something runs, and the contract that has to go with each kind of recurrence."""

from __future__ import annotations

import zoneinfo
from typing import Any

from ayx_simulator.server.http_errors import refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, parse_date, pick, written_date

_REDUCED = ("id", "name", "workflowId", "ownerId", "runDateTime", "timeZone")
_LONGEST_WINDOW_DAYS = 45
#: What ``iterationType`` wants beside itself; ``Once`` wants nothing.
_CONTRACTS = {
    "Hourly": "hourlyContract",
    "Daily": "dailyContract",
    "Weekly": "weeklyContract",
    "Monthly": "monthlyContract",
    "Custom": "customContract",
    "Cron": "cronContract",
}
_CRON_FIELDS = 5
_CHANGEABLE = (
    "ownerId",
    "name",
    "comment",
    "priority",
    "workerTag",
    "enabled",
    "credentialId",
    "timeZone",
    "questions",
)


def _check_iteration(call: Call, iteration: Record) -> None:
    """Refuse a start in the past and a recurrence without its contract.

    Raises:
        ApiError: 400.
    """
    problems: dict[str, list[str]] = {}
    wanted = _CONTRACTS.get(iteration["iterationType"])
    given = [name for name in _CONTRACTS.values() if iteration.get(name) is not None]
    if given != ([wanted] if wanted else []):
        problems["contract.iteration"] = [f"The iteration must have {wanted or 'no contract'} and nothing else."]
    cron = iteration.get("cronContract") or {}
    if cron and len(str(cron.get("cronExpression", "")).split()) != _CRON_FIELDS:
        problems["contract.iteration.cronContract"] = ["The cron expression must have five fields."]
    if parse_date(iteration["startTime"]) <= call.state.now():
        problems["contract.iteration.startTime"] = ["The start time must be in the future."]
    if problems:
        raise refused(model_state=problems)


def _check_zone(body: Record) -> None:
    known = zoneinfo.available_timezones()
    if known and body.get("timeZone") and body["timeZone"] not in known:
        raise refused(model_state={"contract.timeZone": ["The time zone is unknown."]})


def _visible(call: Call) -> dict[str, Record]:
    mine = call.user.user_id
    return {key: each for key, each in call.state.schedules.items() if call.is_curator or each["ownerId"] == mine}


@acts_out("GET /v3/schedules")
def list_schedules(call: Call) -> Any:
    """All that the user may see; the time window needs both ends and is at most 45 days."""
    found = list(_visible(call).values())
    owner, workflow, after, before = map(call.query, ("ownerId", "workflowId", "runsAfter", "runsBefore"))
    if bool(after) != bool(before):
        raise refused("runsAfter and runsBefore must be used together.")
    if after and (parse_date(before) - parse_date(after)).days > _LONGEST_WINDOW_DAYS:
        raise refused("The window between runsAfter and runsBefore is longer than 45 days.")
    found = [
        each
        for each in found
        if owner.lower() in ("", each["ownerId"])
        and workflow.lower() in ("", each["workflowId"])
        and (not after or parse_date(after) < parse_date(each["runDateTime"]) < parse_date(before))
    ]
    return found if call.full_view else [pick(each, _REDUCED) for each in found]


@acts_out("POST /v3/schedules", status=201)
def create_schedule(call: Call) -> Any:
    """The answer is the new id as a JSON string."""
    body: Record = call.body
    workflow = call.referenced(call.state.workflows, "workflowId")
    _check_iteration(call, body["iteration"])
    _check_zone(body)
    schedule_id = call.state.ids.new()
    now = call.state.written_now
    call.state.schedules[schedule_id] = {
        "id": schedule_id,
        "name": body.get("name") or workflow["name"],
        "workflowId": workflow["id"],
        "versionId": workflow["publishedVersionId"],
        "ownerId": call.user.user_id,
        "runDateTime": _run_time(body["iteration"]),
        "comment": body.get("comment"),
        "enabled": True,
        "priority": body.get("priority") or "Default",
        "workerTag": body.get("workerTag") or "",
        "status": "Scheduled",
        "credentialId": body.get("credentialId") or "",
        "creationTime": now,
        "lastRunTime": None,
        "state": "Active",
        "runCount": 0,
        "iteration": _written_iteration(body["iteration"]),
        "frequency": body["iteration"]["iterationType"],
        "lastError": "",
        "cpuName": "",
        "lastModifiedId": call.user.user_id,
        "lastModifiedDate": now,
        "canEdit": True,
        "timeZone": body.get("timeZone") or "",
        "questions": body.get("questions") or [],
    }
    return schedule_id


def _run_time(iteration: Record) -> str:
    return written_date(parse_date(iteration["startTime"]))


def _written_iteration(iteration: Record) -> Record:
    """On reads only the times are left: the recurrence itself does not come back."""
    return {"startTime": iteration["startTime"], "endTime": iteration.get("endTime")}


@acts_out("GET /v3/schedules/{scheduleId}")
def get_schedule(call: Call) -> Any:
    """One schedule."""
    return call.found(_visible(call))


@acts_out("PUT /v3/schedules/{scheduleId}", "PATCH /v3/schedules/{scheduleId}")
def update_schedule(call: Call) -> Any:
    """Replace (PUT) or change what is given (PATCH)."""
    schedule = call.found(_visible(call))
    body: Record = call.body
    _check_zone(body)
    if body.get("workflowId"):
        schedule["workflowId"] = call.referenced(call.state.workflows, "workflowId")["id"]
    if body.get("ownerId"):
        call.referenced(call.state.users, "ownerId")
    if body.get("iteration"):
        _check_iteration(call, body["iteration"])
        schedule["iteration"] = _written_iteration(body["iteration"])
        schedule["runDateTime"] = _run_time(body["iteration"])
        schedule["frequency"] = body["iteration"]["iterationType"]
    schedule.update({name: body[name] for name in _CHANGEABLE if body.get(name) is not None})
    schedule.update(lastModifiedId=call.user.user_id, lastModifiedDate=call.state.written_now)
    return schedule


@acts_out("DELETE /v3/schedules/{scheduleId}")
def delete_schedule(call: Call) -> None:
    """Delete one schedule."""
    schedule = call.found(_visible(call))
    del call.state.schedules[schedule["id"]]
    for collection in call.state.collections.values():
        collection["scheduleIds"] = [each for each in collection["scheduleIds"] if each != schedule["id"]]
