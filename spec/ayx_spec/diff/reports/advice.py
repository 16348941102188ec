"""What a caller has to do about a change: one line each, by rule or kind."""

from __future__ import annotations

from ayx_spec.diff.changes import Change

__all__ = ["advice"]

_ADVICE = {
    "operation.removed": "Drop the call, or look for what takes its place among the new operations.",
    "operation.moved": "Regenerate the client; change the address where it is written by hand.",
    "operation.renamed": "Regenerate the client and import it by its new name.",
    "operation.deprecated": "Nothing yet; plan to move away.",
    "parameter.removed": "Stop passing it, and check that the result does not depend on it.",
    "parameter.added_required": "Pass it.",
    "parameter.became_required": "Pass it in every call.",
    "parameter.renamed": "Pass it by its new name.",
    "parameter.renamed:path": "Pass it by its new name, or by place.",
    "parameter.renamed:spelling": "Nothing, if you use this client.",
    "parameter.type_changed": "Pass a value of the new type.",
    "parameter.enum_removed": "Send one of the values that are left.",
    "parameter.default_changed": "Pass the value that you rely on.",
    "parameter.style_changed": "Regenerate the client; write lists in the new form by hand.",
    "body.removed": "Stop passing it.",
    "body.added_required": "Pass it.",
    "body.became_required": "Pass it in every call.",
    "body.type_changed": "Pass an object of the new type.",
    "body.media_type_changed": "Regenerate the client; send the new media type where it is written by hand.",
    "response.status_added": "Regenerate the client; expect the new status.",
    "response.status_removed": "Expect one of the other statuses.",
    "response.type_changed": "Read the answer by its new type.",
    "response.media_type_changed": "Regenerate the client; accept the new media type where it is written by hand.",
    "field.removed": "Stop using it.",
    "field.added_required": "Set it.",
    "field.became_required": "Set it wherever the object is sent.",
    "field.became_optional": "Expect it to be missing.",
    "field.type_changed": "Read and write it by its new type.",
    "field.nullable_changed:nullable": "Expect None.",
    "field.nullable_changed:not_nullable": "Do not send None.",
    "field.enum_added": "Handle the new value where you list all of them.",
    "field.enum_removed": "Do not send it, and do not wait for it.",
    "model.removed": "Stop importing the class.",
    "model.renamed": "Import the class by its new name.",
    "security.changed": "Check the credentials and rights of the caller.",
    "server.address_changed": "Set the new address (`ALTERYX_BASE_URL`); look for it in scripts.",
}


def advice(change: Change) -> str:
    """Return what to do about a change; nothing for what is only new."""
    return _ADVICE.get(change.rule) or _ADVICE.get(change.kind, "")
