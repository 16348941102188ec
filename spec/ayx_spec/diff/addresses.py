"""Where the API is, and how callers prove who they are: what changed about both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ayx_spec.diff.contract import Contract, Operation, Requirement
from ayx_spec.diff.pairing import Pair

__all__ = ["AccessChange", "access_changes", "address_change", "scheme_changes", "scheme_counterparts"]

#: variant, before, after
AccessChange = tuple[str, Any, Any]

_NOWHERE = (None, "localhost")
_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl")


def address_change(old: Contract, new: Contract) -> AccessChange | None:
    """Return how the addresses of the API changed: a path, only a host, or one more; `None` if they are the same.

    Placeholders are no addresses: those of the bundled documents, and localhost, which is another machine to everybody.
    """
    if old.anywhere or new.anywhere:
        return None
    before, after = list(old.addresses), list(new.addresses)
    paths = {urlsplit(one).path for one in (*before, old.base)}, {urlsplit(one).path for one in (*after, new.base)}
    if set(before) == set(after) and old.base == new.base:
        return None
    if not paths[0] & paths[1]:
        return "path", before or [old.base or "/"], after or [new.base or "/"]
    if not all(any(urlsplit(one).hostname not in _NOWHERE for one in side) for side in (before, after)):
        return None  # a document without a host is served from wherever it was read
    return "more" if set(before) < set(after) else "host", before, after


def scheme_counterparts(old: Contract, new: Contract) -> dict[str, str]:
    """Return the counterpart of every security scheme: the one of its name, else one that says the same."""
    counterparts = {name: name for name in old.schemes if name in new.schemes}
    for name, scheme in old.schemes.items():
        others = [other for other in new.schemes if other not in counterparts.values()]
        equal = [other for other in others if new.schemes[other] == scheme]
        if name not in counterparts and equal:
            counterparts[name] = equal[0]
    return counterparts


def scheme_changes(old: Contract, new: Contract, counterparts: dict[str, str]) -> Iterator[tuple[str, AccessChange]]:
    """Yield, by name, how the security schemes changed, but not those whose users are told (see `access_changes`)."""
    for name, other in counterparts.items():
        before, after = _told(old.schemes[name], old), _told(new.schemes[other], new)
        variant = _scheme_variant(before, after)
        if before == after or old.schemes[name] == new.schemes[other]:
            continue
        if variant != "address" or not (old.anywhere or new.anywhere):
            yield name, (variant, old.schemes[name], new.schemes[other])
    used = _used(old) | _used(new)
    for name, scheme in old.schemes.items():
        if name not in counterparts and name not in used:
            yield name, ("address", scheme, None)
    for name, scheme in new.schemes.items():
        if name not in counterparts.values() and name not in used:
            yield name, ("looser", None, scheme)


def access_changes(pairs: list[Pair], counterparts: dict[str, str]) -> Iterator[tuple[Operation, Operation, str]]:
    """Yield the operations that let callers in by other ways than before, and how it changed."""
    for one, other in pairs:
        before = frozenset(_renamed(requirement, counterparts) for requirement in one.security)
        if before != other.security:
            yield one, other, _variant(before, other.security)


def _renamed(requirement: Requirement, counterparts: dict[str, str]) -> Requirement:
    return frozenset((counterparts.get(name, name), scopes) for name, scopes in requirement)


def _variant(before: frozenset[Requirement], after: frozenset[Requirement]) -> str:
    """Return whether everybody who was let in still is; no requirement, or an empty one, lets everybody in."""
    anybody: frozenset[Requirement] = frozenset({frozenset()})
    ways_before, ways_after = before or anybody, after or anybody
    if all(any(_satisfies(old, new) for new in ways_after) for old in ways_before):
        return "looser"
    return "stricter" if all(any(_satisfies(new, old) for old in ways_before) for new in ways_after) else "exchanged"


def _satisfies(held: Requirement, wanted: Requirement) -> bool:
    """Whether a caller who has proved the one has proved the other."""
    scopes = dict(held)
    return all(name in scopes and set(needed) <= set(scopes[name]) for name, needed in wanted)


def _used(contract: Contract) -> set[str]:
    return {name for one in contract.operations for requirement in one.security for name, _ in requirement}


def _told(scheme: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Return a scheme with its addresses relative to the API's: the host moves with it, and is told once."""
    flows = scheme.get("flows")
    if not flows:
        return scheme
    return {
        **scheme,
        "flows": {
            name: {key: _relative(str(value), contract) if key in _URLS else value for key, value in flow.items()}
            for name, flow in flows.items()
        },
    }


def _relative(url: str, contract: Contract) -> str:
    hosts = {urlsplit(address).netloc for address in contract.addresses} - {""}
    parts = urlsplit(url)
    if parts.netloc and parts.netloc not in hosts:
        return url
    path = "/" + "/".join(step for step in parts.path.split("/") if step)
    return path.removeprefix(contract.base)


def _scheme_variant(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return what changed about a scheme: only addresses, more or fewer scopes, or what it is."""
    if _without_urls(before) == _without_urls(after):
        return "address"
    if _without_urls(before, "scopes") != _without_urls(after, "scopes"):
        return "exchanged"
    kept = all(
        set(flow["scopes"]) <= set(after["flows"][name]["scopes"]) for name, flow in before.get("flows", {}).items()
    )
    return "looser" if kept else "stricter"


def _without_urls(scheme: dict[str, Any], *more: str) -> dict[str, Any]:
    flows = {
        name: {key: value for key, value in flow.items() if key not in (*_URLS, *more)}
        for name, flow in (scheme.get("flows") or {}).items()
    }
    return {**scheme, "flows": flows} if flows else scheme
