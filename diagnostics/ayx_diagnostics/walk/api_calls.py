"""API calls with the token: one that needs the highest role, and lesser ones where that is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ayx_diagnostics.evidence import Evidence, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import api, netrc
from ayx_diagnostics.walk import denied_calls
from ayx_diagnostics.walk.api_document_check import ApiDocumentCheck
from ayx_diagnostics.walk.idle import use_after_idling
from ayx_diagnostics.walk.other_addresses import call_at_others, others_are_tried_for
from ayx_diagnostics.walk.token_request import send_basic
from ayx_diagnostics.walk.what_answers import get_side_by_side, sizes

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["CALLS", "call_api"]


class Call(NamedTuple):
    """A GET, and the role that it needs."""

    path: str
    role: str


#: The first is for Curators alone, the second for every API user. The filter keeps the first answer small, and leaves
#: the caller in it, complete: something to hold against the document.
CALLS = (
    Call("/v3/users?role=Curator&view=Full", "curator"),
    Call("/v3/workflows", "any"),
    Call("/v1/workflows/subscription?limit=1", "artisan"),
)
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_REFUSALS = frozenset({_UNAUTHORIZED, _FORBIDDEN})
#: After these, a call that needs less may still be allowed, or exist.
_GO_ON = frozenset({*_REFUSALS, _NOT_FOUND})
#: How a kept connection ends that the peer has closed meanwhile.
_STALE = frozenset({"closed", "reset"})


@dataclass(frozen=True)
class _Caller:
    """Makes calls with one token, and holds the answers against the Server's document."""

    exchange: Exchange
    bearer: Secret
    document: ApiDocumentCheck

    def probe(self, call: Call, connection: HttpConnection) -> Observation:
        """Make one call over a connection; what came of it is not recorded."""
        exchange, timeout_s = self.exchange, self.exchange.session.read_timeout_s
        seen = api.call(
            exchange.session.network,
            connection,
            exchange.session.target.web_api_address + call.path,
            self.bearer,
            timeout_s=timeout_s,
            role_needed=call.role,
            check=partial(self.document.problems, call.path),
            address=exchange.route.address,
            verified=exchange.verified,
        )
        return exchange.in_full_or_cut_short(timeout_s, seen)

    def record(self, call: Call, connection: HttpConnection) -> Observation:
        """Make one call over a connection and record what came of it."""
        return self.exchange.session.record(self.probe(call, connection))

    def as_clients_do(self, call: Call) -> Observation | None:
        """Make a call over the kept connection, and once more over a new one if the peer had closed it meanwhile."""
        exchange = self.exchange
        connection = exchange.connection if exchange.connection.reusable else exchange.again()
        if connection is None:
            return None
        exchange.connection = connection
        seen = self.record(call, connection)
        if _was_stale(seen) and (fresh := exchange.again()) is not None:
            exchange.connection = fresh
            seen = self.record(call, fresh)
        return seen


def _was_stale(seen: Observation) -> bool:
    return seen.outcome in _STALE and bool(seen.evidence.get("reused")) and not whole(seen, "bytes_received")


def call_api(exchange: Exchange, bearer: Secret) -> None:
    """Call the API, with the Server's own document read beside."""
    session = exchange.session
    session.progress("calling the API")
    document = ApiDocumentCheck(exchange)
    overriding = netrc.entry(session.network, session.target.host, session.environ)
    if overriding is not None:
        session.record(overriding)
    others = call_at_others(exchange, *CALLS[0], bearer)
    caller = _Caller(exchange, bearer, document)
    answers = _made(caller)
    if answers is None:
        return
    document.finish()
    _find_out_why(caller, answers)
    session.join(others, others_are_tried_for(session))
    last = answers[-1]
    if whole(last, "status") == _OK and session.idle_s is not None:
        use_after_idling(exchange, partial(caller.probe, CALLS[len(answers) - 1]), idle_s=session.idle_s)


def _made(caller: _Caller) -> list[Observation] | None:
    """Make the calls, each only where the one before left it open whether the API can be used at all."""
    answers: list[Observation] = []
    for call in CALLS:
        seen = caller.as_clients_do(call)
        if seen is None:
            return None
        answers.append(seen)
        if whole(seen, "status") not in _GO_ON:
            break
    return answers


def _find_out_why(caller: _Caller, answers: list[Observation]) -> None:
    """Ask what tells a refusal from another: the same call again, the other way to authenticate, the API's document."""
    exchange, first = caller.exchange, answers[0]
    refused = whole(first, "status") in _REFUSALS
    if refused:
        denied_calls.ask_once_more(exchange, partial(caller.record, CALLS[0]))
    if any(whole(seen, "status") == _OK for seen in answers):
        return
    if refused and not _has_sent_basic(exchange):
        send_basic(exchange)
    get_side_by_side(exchange, ("swagger", *sizes(first)))


def _has_sent_basic(exchange: Exchange) -> bool:
    requests = Evidence(exchange.session.observations).all("token", "request")
    return any(text(seen, "style") == "basic" for seen in requests)
