"""Mutations: wrong turns that nobody would notice unless a test does, one line of the source each."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MUTATIONS", "Mutation"]


@dataclass(frozen=True)
class Mutation:
    """One change that must not survive.

    Attributes:
        what: What becomes wrong by it, as a user would say it.
        module: Where, below ``diagnostics/ayx_diagnostics``.
        before: What stands there, once in the module.
        after: What stands there instead.
        tests: Arguments of pytest: where a test has to turn red.
    """

    what: str
    module: str
    before: str
    after: str
    tests: tuple[str, ...]


def _golden(*names: str) -> tuple[str, ...]:
    return ("tests/diagnostics/test_goldens.py", "-k", " or ".join(names))


def _cases(code: str) -> tuple[str, ...]:
    return ("tests/diagnostics/test_rules_path.py", "tests/diagnostics/test_rules_answers.py", "-k", code)


_NAMES = ("tests/diagnostics/test_walk_names.py",)
_ROUTE = ("tests/diagnostics/test_walk_route.py",)
_TLS = ("tests/diagnostics/test_walk_tls.py",)
_ANSWERS = ("tests/diagnostics/test_walk_answers.py",)
_SECOND = ("tests/diagnostics/test_second_questions.py",)
_EXPLAINED = ("tests/diagnostics/test_explanation_texts.py",)

MUTATIONS: tuple[Mutation, ...] = (
    # --- rules: what a finding says, and how sure it is
    Mutation(
        "the network's owner has to do what only the Server's can",
        "rules/tcp/dropped_syn.py",
        "server(f\"allow {source} in the Server's own firewall",
        "network(f\"allow {source} in the Server's own firewall",
        _golden("dropped"),
    ),
    Mutation(
        "bytes are said to be acknowledged that were not",
        "rules/tcp/connection_breaks.py",
        'acknowledged." if unacknowledged(stuck) is False else None',
        'acknowledged." if unacknowledged(stuck) is not False else None',
        _cases("mtu_blackhole"),
    ),
    Mutation(
        "a guess about a silent path is called certain",
        "rules/tcp/dropped_syn.py",
        'confidence="certain" if last and not wholly and not (path is not None and path.ok) else "likely"',
        'confidence="certain"',
        _golden("dropped"),
    ),
    Mutation(
        "the MTU that is advised is 440 too low",
        "rules/tcp/connection_breaks.py",
        "{(smaller or 1200) + 40}",
        "{(smaller or 1200) - 400}",
        _cases("mtu_blackhole"),
    ),
    Mutation(
        "a wrong secret is certain after one way of sending it",
        "rules/token/endpoint_errors.py",
        'confidence="certain" if both else "likely"',
        'confidence="certain" if not both else "likely"',
        _cases("invalid_client"),
    ),
    Mutation(
        "no route is certain though nobody said so",
        "rules/tcp/icmp_errors.py",
        'confidence="certain" if told else "likely",\n    )\n\n\n@rule',
        'confidence="certain",\n    )\n\n\n@rule',
        _golden("router"),
    ),
    Mutation(
        "a firewall that says no is not ruled out any more",
        "rules/tcp/dropped_syn.py",
        '"Not a firewall that says no: no ICMP message came back."',
        "None",
        _golden("dropped"),
    ),
    Mutation(
        "the style that works is not the one that is advised",
        "rules/token/endpoint_errors.py",
        'style = text(good, "style")',
        'style = text(bad, "style")',
        _cases("auth_style"),
    ),
    Mutation(
        "a token's missing lifetime breaks what only warns",
        "rules/token/endpoint_errors.py",
        'severity="error" if _refused_at_once(evidence) else "warning"',
        'severity="error"',
        _cases("bad_lifetime"),
    ),
    Mutation(
        "a loop of routers is seen where one router answers twice",
        "rules/tcp/icmp_errors.py",
        "_LOOP_VISITS = 3",
        "_LOOP_VISITS = 9",
        _cases("routing_loop"),
    ),
    Mutation(
        "the silence of a path is told before the loop of routers behind it",
        "rules/order.py",
        "        icmp_errors.routing_loop,\n        dropped_syn.syn_dropped,\n",
        "        dropped_syn.syn_dropped,\n        icmp_errors.routing_loop,\n",
        _golden("routers"),
    ),
    Mutation(
        "a second cause is told where the first one of the stage explains it",
        "rules/root_cause.py",
        'if finding.severity != "error" or not failed or rule.independent:',
        "if True:",
        _golden("dropped", "certificate", "proxy"),
    ),
    # --- the walk: what is asked, and what must not be
    Mutation(
        "credentials go to a Server whose certificate was refused",
        "walk/token_request.py",
        "return None if exchange.verified else",
        "return None if True else",
        _TLS,
    ),
    Mutation(
        "a redirection is followed to another host",
        "walk/denied_calls.py",
        "connection = exchange.open_url(url) if same_host and location else None",
        "connection = exchange.open_url(url) if location else None",
        _ANSWERS,
    ),
    Mutation(
        "a call is not repeated over a new connection when the kept one is stale",
        "walk/api_calls.py",
        'return seen.outcome in _STALE and bool(seen.evidence.get("reused"))',
        'return seen.outcome in () and bool(seen.evidence.get("reused"))',
        _SECOND,
    ),
    Mutation(
        "the user's choice of IPv4 or IPv6 is not kept to",
        "walk/resolution.py",
        "wanted = [address for address in found if session.matches_family(address)]",
        "wanted = list(found)",
        _NAMES,
    ),
    Mutation(
        "a wait that the budget cut short is taken for the Server's silence",
        "walk/exchange.py",
        'return replace(seen, evidence={**seen.evidence, "cut_short": True})',
        "return seen",
        _ANSWERS,
    ),
    Mutation(
        "the control port is the Server's own",
        "walk/unreachable.py",
        "next(number for number in CONTROL_PORTS if number != port)",
        "next(number for number in CONTROL_PORTS if number == port)",
        _ROUTE,
    ),
    Mutation(
        "the other addresses of the name are never called",
        "walk/other_addresses.py",
        "if address != in_use][:_MOST]",
        "if address != in_use][:0]",
        _ANSWERS,
    ),
    Mutation(
        "a peer without a verified certificate counts as the Server that was met",
        "walk/stages.py",
        'and seen.evidence.get("verified") is not False',
        "",
        _TLS,
    ),
    Mutation(
        "the API is called though the user left it out",
        "walk/stages.py",
        'elif session.wants("api"):',
        "else:",
        _ANSWERS,
    ),
    Mutation(
        "credentials go in the clear to another machine though nobody allowed it",
        "walk/token_request.py",
        "if session.settings.allow_http.value or (session.settings.address.is_loopback and not through_proxy):",
        "if True:",
        _ANSWERS,
    ),
    Mutation(
        "a proxy's password goes along when it is spoken to in the other way",
        "walk/other_proxies.py",
        "try_proxy(session, replace(address, scheme=scheme, username=None, password=None))",
        "try_proxy(session, replace(address, scheme=scheme))",
        _ROUTE,
    ),
    Mutation(
        "a nameserver that fails is not asked whether DNSSEC is to blame",
        "walk/nameservers.py",
        '"servfail": ({"purpose": "cd_bit", "cd": True},),',
        '"servfail": (),',
        _NAMES,
    ),
    Mutation(
        "who accepts for everybody is not found out after a cut handshake",
        "walk/handshake_controls.py",
        '"closed": (_say_nothing, _without_name, _plain_request, _where_nobody_is),',
        '"closed": (_say_nothing, _without_name, _plain_request),',
        _TLS,
    ),
    Mutation(
        "a lookup that only dead nameservers could answer is waited for to its end",
        "walk/resolution.py",
        "_FIRST_ATTEMPT_S = 5.1",
        "_FIRST_ATTEMPT_S = 50.0",
        _NAMES,
    ),
    # --- explanation: what a pasted text means
    Mutation(
        "what a text hints at is called certain",
        "explanation/matches.py",
        "_CERTAIN, _LIKELY = 97, 60",
        "_CERTAIN, _LIKELY = 60, 60",
        _EXPLAINED,
    ),
    Mutation(
        "the command that is advised does not go far enough to prove it",
        "explanation/next_steps.py",
        "--only {entry.proven_at}",
        "--only {entry.stage}",
        _EXPLAINED,
    ),
)
