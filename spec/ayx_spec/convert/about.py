"""What a document says of itself: title, contact, licence, tags (Info, Contact, License and Tag Objects)."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.document import Document
from ayx_spec.convert.notes import Notes

__all__ = ["about", "convert_info"]

#: Names of the members, as OpenAPI 3.0.3 spells them, by how they are spelt in lower case.
_CONTACT = {"name": "name", "url": "url", "email": "email"}
_LICENSE = {"name": "name", "url": "url"}
_INFO = ("title", "description", "termsOfService", "version")


def convert_info(document: Document, notes: Notes) -> dict[str, Any]:
    """Return the Info Object with what OpenAPI 3 requires of it: a title and a version."""
    info = document.data.get("info", {})
    missing = [key for key in ("title", "version") if key not in info]
    if missing:
        notes.warning(("info",), f"added what is missing: {', '.join(missing)}")
    result: dict[str, Any] = {"title": "API", "version": ""}
    result |= {key: value for key, value in info.items() if key in _INFO or key.startswith("x-")}
    contact = _known(info.get("contact", {}), _CONTACT)
    if "@" not in contact.get("email", "@"):
        notes.warning(("info", "contact", "email"), f"dropped {contact.pop('email')!r}, which is no address")
    if contact:
        result["contact"] = contact
    if info.get("license"):
        license_ = _known(info["license"], _LICENSE)
        result["license"] = {**license_, "name": license_.get("name") or license_.get("url", "Unnamed")}
    return result


def about(source: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return tags and external documentation: those with what OpenAPI requires of them (a name, an address)."""
    result: dict[str, Any] = {}
    tags: dict[str, dict[str, Any]] = {}
    for index, tag in enumerate(source.get("tags", [])):
        if "name" not in tag or tag["name"] in tags:
            notes.warning(("tags", str(index)), "dropped a tag without a name of its own")
            continue
        tags[tag["name"]] = with_documentation(tag)
    if "tags" in source:
        result["tags"] = list(tags.values())
    return result | {key: value for key, value in with_documentation(source).items() if key == "externalDocs"}


def with_documentation(holder: dict[str, Any]) -> dict[str, Any]:
    """Return an object without external documentation that has no address."""
    if "url" in holder.get("externalDocs", {"url": ""}):
        return dict(holder)
    return {key: value for key, value in holder.items() if key != "externalDocs"}


def _known(given: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    extensions = {key: value for key, value in given.items() if key.startswith("x-")}
    return {names[key.lower()]: value for key, value in given.items() if key.lower() in names} | extensions
