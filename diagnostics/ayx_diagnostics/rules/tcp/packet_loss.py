"""Conclusions about packets that get lost now and then: on the way, or at the Server's door."""

from __future__ import annotations

from dataclasses import dataclass

from ayx_diagnostics.evidence import Evidence, mapping, whole, whole_of
from ayx_diagnostics.model import Finding, Observation, Severity
from ayx_diagnostics.rules.conclusion import conclude, endpoint, seconds
from ayx_diagnostics.rules.rule import rule

#: When the kernel repeats a SYN that was not answered (RFC 6298, 2): after 1, 3 and 7 seconds; a Linux that counts its
#: repetitions may do so every second.
_SYN_REPEATS_S = (1.0, 3.0, 7.0)
_REPEAT_TOLERANCE_S = 0.35
#: So many lost packets in a series are no accident.
_SEVERAL = 2
#: A series of this length that loses nothing speaks for the path.
_TELLING = 8


@dataclass(frozen=True, slots=True)
class _Series:
    """A series of connects to one port."""

    seen: Observation
    attempts: int
    answered: int
    repeats: tuple[int, ...]

    @property
    def repeated(self) -> int:
        """How many were answered only after a repeated SYN."""
        return sum(count > 0 for count in self.repeats)

    @property
    def lost(self) -> int:
        """How many lost a packet at least."""
        return self.repeated + self.attempts - self.answered

    @property
    def is_regular(self) -> bool:
        """Whether nearly each attempt needed the same number of repetitions: no chance does that."""
        return self.repeated >= self.attempts - 1 and len({count for count in self.repeats if count}) == 1

    def __str__(self) -> str:
        silent = self.attempts - self.answered
        return (
            f"Of {self.attempts} connects to {endpoint(self.seen)}, {self.repeated} needed a repeated SYN"
            + (f" and {silent} got no answer" if silent else "")
            + "."
        )


def _series(evidence: Evidence, purpose: str) -> _Series | None:
    seen = evidence.first("tcp", "series", purpose=purpose)
    attempts, answered = whole(seen, "attempts"), whole(seen, "answered")
    if seen is None or not attempts or answered is None:
        return None
    repeats = seen.evidence.get("repeats")
    counts = tuple(n for n in repeats if isinstance(n, int)) if isinstance(repeats, list | tuple) else ()
    return _Series(seen, attempts, answered, counts)


def _loss(evidence: Evidence, severity: Severity) -> Finding | None:
    own, other = _series(evidence, "server"), _series(evidence, "other_port")
    if own is None or own.is_regular:
        return None
    if other is not None and not other.answered:
        other = None  # that port is filtered, which says nothing of the path
    lost = own.lost + (other.lost if other else 0)
    if lost < _SEVERAL or (other is not None and not other.lost and other.attempts >= _TELLING):
        return None
    return conclude(
        "tcp.loss_or_throttle",
        because=[str(own), str(other) if other else None, *_repetitions(evidence)],
        ruled_out=["Not the Server's listen queue alone: another port of it loses packets as well." if other else None],
        confidence="certain" if lost > _SEVERAL and other is not None else "likely",
        severity=severity,
        host=evidence.host,
    )


def _repetitions(evidence: Evidence) -> list[str]:
    """Return what the kernel had to repeat on connections that were up."""
    return [
        f"On the connection of {seen.operation} to {seen.target}, {count} segments had to be repeated."
        for seen in (*evidence.handshakes, *evidence.exchanges)
        if (count := whole_of(mapping(seen, "tcp_info"), "total_retrans"))
    ][:_SEVERAL]


def _gave_up(evidence: Evidence) -> bool:
    """Whether the client's own handshake or exchange timed out."""
    own = (*evidence.handshakes, *(seen for seen in evidence.exchanges if seen.stage in ("token", "api")))
    if evidence.connects and not any(seen.ok for seen in evidence.connects):
        return True
    return any(seen.outcome in ("timeout", "body_stall") for seen in own)


@rule("tcp.loss_or_throttle")
def loss_that_stops(evidence: Evidence) -> Finding | None:
    """So many packets get lost that the client gives up: from a series of connects, and a timeout."""
    return _loss(evidence, "error") if _gave_up(evidence) else None


@rule("tcp.loss_or_throttle")
def loss_that_slows(evidence: Evidence) -> Finding | None:
    """Packets get lost and are repeated in time: from a series of connects."""
    return None if _gave_up(evidence) else _loss(evidence, "warning")


@rule("tcp.accept_backlog_full")
def slow_accept(evidence: Evidence) -> Finding | None:
    """The SYN had to be repeated: from the kernel's count, or from connects that take just over 1, 3 or 7 seconds."""
    slow = next((seen for seen in evidence.connects if seen.ok and _took_a_repetition(seen)), None)
    own, other = _series(evidence, "server"), _series(evidence, "other_port")
    again = own is not None and own.lost >= _SEVERAL
    if (slow is None and not again) or _loss(evidence, "warning"):
        return None
    told = whole_of(mapping(slow, "tcp_info"), "total_retrans")
    path_is_fine = other is not None and other.answered >= _TELLING and not other.lost
    return conclude(
        "tcp.accept_backlog_full",
        because=[
            f"{endpoint(slow)} accepted only after {seconds(slow.duration_s)}: the first SYN was lost and the kernel "
            "repeated it."
            if slow
            else None,
            f"The kernel counts {told} retransmissions." if told else None,
            str(own) if own else None,
            f"{other} The path loses nothing." if other and path_is_fine else None,
        ],
        # once in a dozen is chance, and nothing that anybody could act on
        severity="info" if own is not None and not again else None,
        confidence="likely" if again and path_is_fine else "possible",
        address=endpoint(slow or (own.seen if own else None)),
        host=evidence.host,
    )


def _took_a_repetition(seen: Observation) -> bool:
    repeats = whole_of(mapping(seen, "tcp_info"), "total_retrans")
    at = next((at for at in _SYN_REPEATS_S if 0 <= seen.duration_s - at <= _REPEAT_TOLERANCE_S), None)
    repeated = at is not None if repeats is None else repeats > 0
    return repeated and seen.duration_s >= _SYN_REPEATS_S[0]
