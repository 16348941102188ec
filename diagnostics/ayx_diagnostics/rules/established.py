"""Conclusions about connections that were accepted and do not carry what they should."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mapping, number, text, whole, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import Rule, conclude, endpoint, network, seconds, server, you

__all__ = ["RULES", "mtu", "small_segments", "unacknowledged"]

_ENDED = ("reset", "closed")
#: When the kernel repeats a SYN that was not answered (RFC 6298, 2): after 1, 3 and 7 seconds; a Linux that counts its
#: repetitions may do so every second.
_SYN_REPEATS_S = (1.0, 3.0, 7.0)
_REPEAT_TOLERANCE_S = 0.35
_SMALLER_BY = 40


def reset_after_accept(evidence: Evidence) -> Finding | None:
    """The connection is ended before any byte: from one on which nothing was said, or ECONNRESET from connect()."""
    quiet = next((seen for seen in evidence.all("tcp", "quiet") if seen.outcome in _ENDED), None)
    if quiet is None and not any(seen.ok for seen in evidence.connects):
        # ECONNRESET from connect(): the RST came so soon after the SYN/ACK that the connection was never seen open
        quiet = next((seen for seen in evidence.connects if seen.outcome == "reset"), None)
    if quiet is None or _carried_something(evidence):
        return None
    how = "reset (RST)" if quiet.outcome == "reset" else "closed (FIN)"
    waited = number(quiet, "waited_s")
    return conclude(
        "tcp.reset_after_accept",
        because=[
            f"{quiet.target} accepts the connection, and it is {how} {seconds(waited)} later although this side "
            "has not sent a single byte."
            if waited is not None
            else f"{quiet.target} accepts the connection and it is {how} although this side has not sent anything.",
        ],
        ruled_out=[
            "Not TLS and not the name in it: the connection ends before the ClientHello.",
            "Not a closed port: the connection is accepted first.",
        ],
        fix=[
            server(f"check the backends and the list of allowed addresses of the load balancer at {quiet.target}"),
            network(f"check intrusion prevention on the way to {quiet.target}"),
        ],
        confidence="certain" if quiet.outcome == "reset" else "likely",
        address=quiet.target,
        host=evidence.host,
    )


def _carried_something(evidence: Evidence) -> bool:
    """Whether any handshake or exchange got a byte from the Server."""
    return any(seen.ok or whole(seen, "bytes_received") for seen in (*evidence.handshakes, *evidence.exchanges))


def stuck_handshake(evidence: Evidence) -> Observation | None:
    """Return the client's handshake that timed out if none succeeded, else None."""
    shakes = evidence.handshakes
    if not shakes or any(seen.ok for seen in shakes):
        return None
    return next((seen for seen in shakes if seen.outcome == "timeout"), None)


def small_segments(evidence: Evidence, stuck: Observation) -> Observation | None:
    """Return the handshake that got further with smaller segments, if there is one."""
    size = mapping(stuck, "tcp_info").get("snd_mss")
    for seen in evidence.all("tls", "handshake"):
        mine = mapping(seen, "tcp_info").get("snd_mss")
        smaller = isinstance(size, int) and isinstance(mine, int) and mine <= size - _SMALLER_BY
        if seen is not stuck and (text(seen, "purpose") == "small_segments" or smaller) and _further(seen, stuck):
            return seen
    return None


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


def mtu(evidence: Evidence) -> Finding | None:
    """Large packets vanish on the way: from a handshake that hangs, and gets further with small segments."""
    stuck = stuck_handshake(evidence)
    if stuck is None:
        return None
    small = small_segments(evidence, stuck)
    if small is None:
        return None  # a stall alone proves nothing: a busy Server, a proxy and a slow line stall as well
    upload = unacknowledged(stuck) is True
    received, size = whole(stuck, "bytes_received") or 0, mapping(stuck, "tcp_info").get("snd_mss")
    smaller = mapping(small, "tcp_info").get("snd_mss")
    return conclude(
        "tcp.mtu_blackhole_upload" if upload else "tcp.mtu_blackhole",
        because=[
            f"The TLS handshake with {stuck.target} hangs after {received} received bytes"
            + (f" with segments of up to {size} bytes." if size else "."),
            f"With segments of at most {smaller or 1200} bytes in both directions, it "
            + ("succeeds." if small.ok else "gets further."),
            "The bytes that this side sent were acknowledged." if unacknowledged(stuck) is False else None,
            "The bytes that this side sent were never acknowledged." if upload else None,
        ],
        ruled_out=[
            "Not a filter on the Server's name: the same name gets through in small segments.",
            "Not a slow Server: with small segments it answers in time.",
        ],
        fix=[
            network(
                "let ICMP type 3 code 4 (fragmentation needed; ICMPv6 type 2) through, or clamp the MSS to the path"
            ),
            you(f"until then: lower the MTU of this machine's interface to {(smaller or 1200) + 40}"),
        ],
        confidence="certain" if small.ok else "likely",
        address=stuck.target,
        host=evidence.host,
    )


def slow_accept(evidence: Evidence) -> Finding | None:
    """The SYN had to be repeated: from the kernel's count, or from connects that take just over 1, 3 or 7 seconds."""
    for seen in evidence.connects:
        repeats = whole_of(mapping(seen, "tcp_info"), "total_retrans")
        at = next((at for at in _SYN_REPEATS_S if 0 <= seen.duration_s - at <= _REPEAT_TOLERANCE_S), None)
        repeated = at is not None if repeats is None else repeats > 0
        if seen.ok and repeated and seen.duration_s >= _SYN_REPEATS_S[0]:
            return conclude(
                "tcp.accept_backlog_full",
                because=[
                    (
                        f"{endpoint(seen)} accepted only after {seconds(seen.duration_s)}: the first SYN was lost and "
                        "the kernel repeated it."
                    ),
                    f"The kernel counts {repeats} retransmissions." if repeats else None,
                ],
                confidence="possible",
                address=endpoint(seen),
                host=evidence.host,
            )
    return None


RULES: tuple[Rule, ...] = (
    Rule(reset_after_accept, ("tcp.reset_after_accept",)),
    Rule(mtu, ("tcp.mtu_blackhole", "tcp.mtu_blackhole_upload")),
    Rule(slow_accept, ("tcp.accept_backlog_full",)),
)
