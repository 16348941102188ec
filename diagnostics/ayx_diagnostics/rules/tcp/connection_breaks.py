"""Conclusions about connections that were accepted and do not carry what they should."""

from __future__ import annotations

import ipaddress

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, number, text, whole, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, network, seconds, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tcp.connect_evidence import about_connect
from ayx_diagnostics.rules.tls.handshake_evidence import failed_handshake, small_segments, unacknowledged

#: RFC 5737 and RFC 3849: addresses where nothing can be.
_TEST_NETS = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
_ENDED = ("reset", "closed")
#: One repetition may be the peer's delay; two in a row are not.
_REPEATED = 2


@rule("tcp.reset_after_accept")
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
            else f"{quiet.target} accepts the connection and it is {how} although this side has not sent anything."
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


@rule("tcp.mtu_blackhole", "tcp.mtu_blackhole_upload")
def mtu(evidence: Evidence) -> Finding | None:
    """Large packets vanish on the way: from a handshake that hangs, and gets further with small segments."""
    stuck = failed_handshake(evidence, "timeout")
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


@rule("tcp.mtu_blackhole_upload")
def upload_alone(evidence: Evidence) -> Finding | None:
    """Large requests vanish: from one that nobody acknowledged, and that gets through in small segments."""
    stuck = _never_acknowledged(evidence)
    large = evidence.first("http", "get", purpose="large_request")
    small = evidence.first("http", "get", purpose="large_in_small_segments")
    if stuck is None or large is None or small is None or not small.ok or not _is_unacknowledged(large):
        return None
    return conclude(
        "tcp.mtu_blackhole_upload",
        because=[
            _unanswered(stuck),
            f"A request of more than 1500 octets is never acknowledged either ({_repetitions(large)} repetitions).",
            f"The same long request in small segments is answered in {seconds(small.duration_s)}.",
        ],
        ruled_out=["Not the Server: it answers the same request when it comes in small pieces."],
        address=evidence.host,
        host=evidence.host,
    )


@rule("tcp.path_died_in_flight")
def path_died(evidence: Evidence) -> Finding | None:
    """Data stops arriving on a connection that was up: from repetitions that are never acknowledged."""
    stuck = _never_acknowledged(evidence) or _nothing_passes(evidence)
    if stuck is None:
        return None
    alive = next((seen for seen in evidence.exchanges if seen.ok and seen.started_s > stuck.started_s), None)
    info = mapping(stuck, "tcp_info")
    return conclude(
        "tcp.path_died_in_flight",
        because=[
            _unanswered(stuck),
            f"The connection had carried {info['bytes_acked']} octets there and {info['bytes_received']} back before."
            if whole_of(info, "bytes_received") and whole_of(info, "bytes_acked")
            else "Connecting works, and nothing that is sent over the connection arrives: neither a ClientHello, with "
            "or without a name, nor plain text.",
            f"A new connection works: {alive.target} is answered." if alive is not None else None,
        ],
        ruled_out=[
            "Not a slow Server: its system acknowledges what arrives before any program looks at it.",
            "Not the size of the packets: small segments fare no better."
            if evidence.first("tls", "handshake", purpose="small_segments", outcome="timeout") is not None
            else None,
        ],
        confidence="certain" if alive is not None else "likely",
        host=evidence.host,
    )


def _never_acknowledged(evidence: Evidence) -> Observation | None:
    """Return the client's own exchange that timed out with data that nobody acknowledged."""
    if evidence.route == "proxy":
        return None
    own = (seen for seen in evidence.exchanges if seen.outcome == "timeout" and seen.stage in ("token", "api"))
    return next((seen for seen in own if _is_unacknowledged(seen)), None)


def _nothing_passes(evidence: Evidence) -> Observation | None:
    """Return the handshake that stuck if nothing else that was sent over an open connection arrived either."""
    stuck = failed_handshake(evidence, "timeout")
    if evidence.route == "proxy" or stuck is None or not _is_unacknowledged(stuck):
        return None
    others = [seen for seen in evidence.all("tls", "handshake") if seen is not stuck]
    plain = evidence.first("http", "get", purpose="plain_http")
    if not others or plain is None:
        return None
    return stuck if all(map(_is_unacknowledged, (*others, plain))) else None


def _is_unacknowledged(seen: Observation) -> bool:
    return seen.outcome == "timeout" and unacknowledged(seen) is True and _repetitions(seen) >= _REPEATED


def _repetitions(seen: Observation) -> int:
    return whole_of(mapping(seen, "tcp_info"), "total_retrans") or 0


def _unanswered(seen: Observation) -> str:
    return (
        f"{seen.target}: what was sent was repeated {_repetitions(seen)} times within {seconds(seen.duration_s)} and "
        "never acknowledged (TCP_INFO)."
    )


@rule("tcp.stateful_idle_cut")
def idle_cut(evidence: Evidence) -> Finding | None:
    """Idle connections are cut without a word: from one that was left alone, and did not work any more."""
    seen = evidence.first("tcp", "idle")
    if seen is None or seen.outcome not in ("timeout", "reset"):
        return None  # one that the Server closed is replaced at once by every client
    idle_s = number(seen, "idle_s") or 0.0
    return conclude(
        "tcp.stateful_idle_cut",
        because=[
            f"A connection to {seen.target} that had just carried a call was left alone for {idle_s:g} s.",
            f"Used again, it ended in a {seen.outcome} after {seconds(seen.duration_s)}.",
            _unanswered(seen) if _repetitions(seen) else None,
        ],
        ruled_out=["Not the Server's own keep-alive timeout: that closes a connection, and clients notice."],
        fix=[
            you(f"let the client drop connections that were idle for less than {idle_s:g} s (httpx: keepalive_expiry)"),
            network(f"or raise the idle timeout for TCP to {seen.target} above it"),
        ],
        confidence="likely",
        host=evidence.host,
    )


@rule("tcp.transparent_tcp_proxy")
def transparent_proxy(evidence: Evidence) -> Finding | None:
    """Something on the way accepts every connection: from a connect to an address that cannot exist."""
    for seen in evidence.all("tcp", "control", outcome="ok"):
        address = ip_address(text(seen, "address"))
        if address and any(address.version == net.version and address in net for net in _TEST_NETS):
            return conclude(
                "tcp.transparent_tcp_proxy",
                about_connect(evidence, seen),
                because=[
                    (
                        f"{endpoint(seen)}, an address reserved for documentation, accepts a connection: a "
                        "device on the way does."
                    )
                ],
            )
    return None
