"""Conclusions about the way through the proxy: whether it is needed, and whether the proxy can be reached."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, flag, mapping, mappings, text, texts, whole
from ayx_diagnostics.model import Finding, FixStep, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, network, seconds, where, you
from ayx_diagnostics.rules.dns.dns_evidence import lookup_fails
from ayx_diagnostics.rules.proxy.tunnel_evidence import failed
from ayx_diagnostics.rules.rule import rule

_CUT = frozenset({"reset", "closed", "timeout"})
#: What a proxy answers when it is the wrong way to this host, rather than broken itself.
_WRONG_WAY = frozenset({403, 500, 502, 503, 504})


def direct_works(evidence: Evidence) -> Observation | None:
    """Return the direct connection that succeeded although the client's settings name a proxy, if one did."""
    if evidence.route != "proxy":
        return None
    return next((seen for seen in evidence.connects if seen.ok), None)


@rule("proxy.not_configured_but_needed", "proxy.pac_only")
def needed(evidence: Evidence) -> Finding | None:
    """A proxy is needed and not configured: from a direct path that is broken and a tunnel that is not."""
    if evidence.route != "direct":
        return None
    tunnel = evidence.first("proxy", "tunnel", outcome="ok", candidate=True)
    broken = _broken_direct_path(evidence)
    if tunnel is None or broken is None:
        return None
    proxy = text(tunnel, "proxy")
    variable = "HTTP_PROXY" if evidence.scheme == "http" else "HTTPS_PROXY"
    origin = next(
        (
            str(item.get("origin"))
            for item in mappings(evidence.last("proxy", "select"), "candidates")
            if item.get("proxy") == proxy and item.get("origin")
        ),
        "",
    )
    script = evidence.first("proxy", "pac")
    if not origin and proxy in texts(script, "proxies"):
        return conclude(
            "proxy.pac_only",
            because=[
                broken,
                f"{text(script, 'url')} is a proxy script; browsers run it, and Python does not.",
                f"It says: {' '.join(text(script, 'body_start').split())[:200]}",
                f"{proxy}, which it names, opens a tunnel to {tunnel.target} in {seconds(tunnel.duration_s)}.",
            ],
            ruled_out=["Not the Server: it can be reached from the proxy."],
            fix=[you(f"set {variable}={proxy} (or ALTERYX_PROXY={proxy}) in the environment of the script")],
            severity="error",
            proxy=proxy,
        )
    return conclude(
        "proxy.not_configured_but_needed",
        because=[
            broken,
            f"{proxy} opens a tunnel to {tunnel.target} in {seconds(tunnel.duration_s)}.",
            f"This proxy is known to the machine from {origin}, but the client's settings do not use it."
            if origin
            else "The client's settings do not use this proxy.",
        ],
        ruled_out=["Not the Server: it can be reached from the proxy."],
        fix=[
            you(f"set {variable}={proxy} (or ALTERYX_PROXY={proxy}) in the environment of the script"),
            network(f"or allow direct TCP from this machine to {where(evidence)}"),
        ],
        proxy=proxy,
        host=evidence.host,
    )


@rule("proxy.env_conflict")
def contradicted(evidence: Evidence) -> Finding | None:
    """The variable that names the working proxy is outdone by its twin: from both values and what each leads to.

    httpx, requests and urllib read the lower-case one first, even an empty one, which switches the proxy off.
    """
    selected = evidence.last("proxy", "select")
    tunnel = evidence.first("proxy", "tunnel", outcome="ok", candidate=True)
    variables = {str(name): value for name, value in mapping(selected, "variables").items() if isinstance(value, str)}
    known = mappings(selected, "candidates")
    named = (str(item.get("variable")) for item in known if item.get("proxy") == text(tunnel, "proxy"))
    good = next(named, "")
    twin = good.lower()
    if tunnel is None or not good.isupper() or variables.get(twin) in (None, variables.get(good)):
        return None
    if evidence.route == "direct":
        broken = _broken_direct_path(evidence)
    elif text(selected, "origin") == f"environment {twin}" and not any(seen.ok for seen in evidence.tunnels):
        broken = f"Through {text(selected, 'proxy')}, which {twin} names, no tunnel can be had."
    else:
        broken = None
    if broken is None:
        return None
    return conclude(
        "proxy.env_conflict",
        because=[
            f"{good} names {text(tunnel, 'proxy')}; {twin} is set to {variables[twin] or 'an empty text'}.",
            f"Of the two, httpx, requests and urllib read {twin}.",
            broken,
            f"{text(tunnel, 'proxy')} opens a tunnel to {tunnel.target} in {seconds(tunnel.duration_s)}.",
        ],
        ruled_out=["Not the Server: it can be reached through the other proxy."],
        fix=[you(f"unset {twin}, or set it to {text(tunnel, 'proxy')} as well")],
        severity="error",
        setting=good,
    )


def _broken_direct_path(evidence: Evidence) -> str | None:
    """Return in a sentence how the direct path fails, or None when it does not."""
    if lookup_fails(evidence):
        return f"Directly, {evidence.host} cannot even be resolved."
    tried = evidence.connects
    if tried and not any(seen.ok for seen in tried):
        return f"Directly, {endpoint(tried[0])} cannot be reached ({tried[0].outcome})."
    shakes = evidence.handshakes
    if shakes and all(seen.outcome in _CUT for seen in shakes):
        return f"Directly, the TLS handshake with {shakes[0].target} is cut off ({shakes[0].outcome})."
    return None


@rule("proxy.configured_but_unneeded")
def unneeded(evidence: Evidence) -> Finding | None:
    """The proxy stands in the way of a host that is reachable without it: from its refusal and a direct connect."""
    refused, direct = failed(evidence), direct_works(evidence)
    status = whole(refused, "status")
    if refused is None or direct is None or status not in _WRONG_WAY:
        return None
    if any(not seen.ok for seen in evidence.handshakes if not flag(seen, "via_proxy")):
        return None
    selected = evidence.last("proxy", "select")
    token = evidence.host
    before = text(selected, "no_proxy")
    proxy, origin = text(refused, "proxy") or text(selected, "proxy"), text(selected, "origin")
    return conclude(
        "proxy.configured_but_unneeded",
        because=[
            f"Proxy {proxy}{' (from ' + origin + ')' if origin else ''} answers CONNECT {refused.target} with {status} "
            f"{text(refused, 'reason')}".rstrip()
            + ".",
            f"Without the proxy, {endpoint(direct)} accepts a connection in {seconds(direct.duration_s)}.",
        ],
        ruled_out=["Not the Server and not the network in between: the direct connection works."],
        fix=[
            you(f"add {token} to NO_PROXY: NO_PROXY={before + ',' if before else ''}{token}"),
            network(f"or let {proxy} reach {refused.target}"),
        ],
        proxy=proxy,
        host=evidence.host,
    )


@rule("proxy.name_not_resolved")
def name_not_resolved(evidence: Evidence) -> Finding | None:
    """The proxy's own name does not resolve: from the lookup of the proxy's host."""
    lookups = evidence.all("proxy", "resolve")
    if evidence.route != "proxy" or not lookups or any(seen.ok for seen in lookups):
        return None
    selected = evidence.last("proxy", "select")
    proxy, origin = text(selected, "proxy") or lookups[0].target, text(selected, "origin")
    return conclude(
        "proxy.name_not_resolved",
        because=[
            (
                f"The proxy's host name {lookups[0].target} does not resolve: "
                f"{text(lookups[0], 'text') or lookups[0].outcome}."
            ),
            f"The proxy {proxy} comes from {origin}." if origin else None,
        ],
        ruled_out=[_direct_hint(evidence)],
        fix=[
            you(f"correct {proxy} in {origin or 'the proxy settings'}, or connect to the network that knows the name"),
            _bypass(evidence),
        ],
        proxy=proxy,
    )


@rule("proxy.refused_or_unreachable")
def unreachable(evidence: Evidence) -> Finding | None:
    """The proxy cannot be connected to: from every connect to its addresses."""
    tried = evidence.all("proxy", "connect")
    cut = next((seen for seen in evidence.tunnels if not seen.ok and text(seen, "phase") == "connect"), None)
    if evidence.route != "proxy" or any(seen.ok for seen in tried) or not (tried or cut):
        return None
    selected = evidence.last("proxy", "select")
    proxy, origin = text(selected, "proxy") or text(cut, "proxy"), text(selected, "origin")
    seen = tried[0] if tried else cut
    shown = endpoint(seen) if tried else proxy
    refused = seen is not None and seen.outcome == "refused"
    return conclude(
        "proxy.refused_or_unreachable",
        because=[
            *(
                f"Connecting to the proxy at {endpoint(item)} failed after {seconds(item.duration_s)}: "
                f"{errno_of(item)}."
                for item in tried
            ),
            f"The connection to the proxy {proxy} failed ({cut.outcome})." if cut and not tried else None,
            f"The proxy {proxy} comes from {origin}." if origin and proxy else None,
        ],
        ruled_out=[
            "Not a firewall that swallows packets: the refusal comes back at once." if refused else None,
            _direct_hint(evidence),
        ],
        fix=[
            you(f"start the proxy on {shown}, or correct its address in {origin or 'the proxy settings'}"),
            None if refused else network(f"allow TCP from this machine to the proxy at {shown}"),
            _bypass(evidence),
        ],
        proxy=proxy or shown,
    )


def _direct_hint(evidence: Evidence) -> str | None:
    direct = direct_works(evidence)
    return f"Not the Server: without the proxy, {endpoint(direct)} accepts a connection." if direct else None


def _bypass(evidence: Evidence) -> FixStep | None:
    return (
        you(f"or add {evidence.host} to NO_PROXY: the Server is reachable directly") if direct_works(evidence) else None
    )
