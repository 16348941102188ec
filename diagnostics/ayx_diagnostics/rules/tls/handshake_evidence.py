"""The handshake that failed, what was tried beside it, and the words that findings about it share."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, flag, mapping, text, whole, whole_of
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject

__all__ = ["WITHOUT_NAME", "about_handshake", "failed_handshake", "small_segments", "unacknowledged"]

WITHOUT_NAME = frozenset({"no_sni", "other_sni"})
_SMALLER_BY = 40


def failed_handshake(evidence: Evidence, *outcomes: str) -> Observation | None:
    """Return the client's handshake that ended in one of these ways if none succeeded, else None."""
    shakes = evidence.handshakes
    if any(seen.ok for seen in shakes):
        return None
    return next((seen for seen in shakes if seen.outcome in outcomes), None)


def small_segments(evidence: Evidence, stuck: Observation) -> Observation | None:
    """Return the handshake that got further with smaller segments, if there is one and nothing else made it work."""
    if evidence.first("tls", "handshake", purpose="again", outcome="ok"):
        return None
    size = mapping(stuck, "tcp_info").get("snd_mss")
    found: list[tuple[bool, int, int, Observation]] = []
    for seen in evidence.all("tls", "handshake"):
        mine = mapping(seen, "tcp_info").get("snd_mss")
        smaller = isinstance(size, int) and isinstance(mine, int) and mine <= size - _SMALLER_BY
        if seen is not stuck and (text(seen, "purpose") == "small_segments" or smaller) and _further(seen, stuck):
            found.append((seen.ok, whole_of(mapping(seen, "tcp_info"), "snd_mss") or 0, len(found), seen))
    return max(found)[-1] if found else None


def _further(seen: Observation, stuck: Observation) -> bool:
    if text(seen, "server_name") != text(stuck, "server_name"):
        return False  # a filter by name would explain it as well
    if seen.outcome == "timeout":
        return False  # a few bytes more are what a slow drip brings anyway
    return seen.ok or (whole(seen, "bytes_received") or 0) > (whole(stuck, "bytes_received") or 0)


def unacknowledged(seen: Observation) -> bool | None:
    """Return whether the peer never acknowledged what was sent; None where the kernel does not tell."""
    info = mapping(seen, "tcp_info")
    unacked = info.get("unacked")
    return unacked > 0 if isinstance(unacked, int) and not isinstance(unacked, bool) else None


def about_handshake(evidence: Evidence, seen: Observation) -> Subject:
    """Return what findings about a handshake share."""
    return Subject(
        {"host": text(seen, "server_name") or evidence.host, "address": seen.target},
        ruled_out=[f"Not the port: {seen.target} accepts connections." if not flag(seen, "via_proxy") else None],
    )
