"""Conclusions from the proxy settings alone: what cannot be used, and what libraries read in different ways."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, mappings, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, the_server, you
from ayx_diagnostics.rules.rule import rule

_PAC_WORDS = ("pac", "autoconfig", "wpad")


def _selected(evidence: Evidence) -> Observation | None:
    return evidence.last("proxy", "select")


def _ways(selected: Observation | None) -> dict[str, str]:
    """Return how each library goes: ``direct``, ``proxy`` or ``error: …``."""
    found: dict[str, str] = {}
    for library, way in mapping(selected, "by_library").items():
        if isinstance(way, str):
            found[str(library)] = way if way == "direct" or way.startswith("error") else "proxy"
    return found


def _listed(ways: dict[str, str], kind: str) -> str:
    return ", ".join(library for library, way in ways.items() if way == kind)


@rule("proxy.no_proxy_crashes_client")
def no_proxy_crashes(evidence: Evidence) -> Finding | None:
    """NO_PROXY makes the client itself fail: from httpx's error in a dry run with an IPv6 entry in the list."""
    selected = _selected(evidence)
    value = text(selected, "no_proxy")
    error = next((w for k, w in mapping(selected, "by_library").items() if k == "httpx" and isinstance(w, str)), "")
    entries = [item for item in map(str.strip, value.split(",")) if item.startswith("[") or _is_ipv6(item)]
    culprits = [item for item in entries if item.startswith("[") or "/" in item]
    told = text(selected, "code") == "proxy.no_proxy_crashes_client"
    if selected is None or not (told or (error.startswith("error") and culprits)):
        return None
    better = [item.strip("[]").partition("/")[0] for item in culprits]
    return conclude(
        "proxy.no_proxy_crashes_client",
        because=[
            (
                f"With NO_PROXY={value} (from {text(selected, 'no_proxy_origin') or 'the environment'}), httpx fails "
                f"before it sends anything: {error.removeprefix('error:').strip()}."
            )
        ],
        fix=[you(f"write {', '.join(better)} instead of {', '.join(culprits)} in NO_PROXY")] if culprits else [],
        host=the_server(evidence),
    )


def _is_ipv6(entry: str) -> bool:
    address = ip_address(entry.partition("/")[0])
    return address is not None and address.version == 6  # noqa: PLR2004  # IP version


@rule("proxy.socks_dep_missing")
def socks_missing(evidence: Evidence) -> Finding | None:
    """A SOCKS proxy needs a package that is not installed: from its scheme and the message."""
    selected = _selected(evidence)
    told = text(selected, "message") + " ".join(str(way) for way in mapping(selected, "by_library").values())
    is_socks = text(selected, "scheme").startswith("socks") or "socks" in text(selected, "proxy")[:6]
    coded = text(selected, "code") == "proxy.socks_dep_missing"
    if selected is None or not (coded or (is_socks and "socksio" in told.lower())):
        return None
    return conclude(
        "proxy.socks_dep_missing",
        because=[
            f"The proxy is {text(selected, 'proxy')} (from {text(selected, 'origin')}): {text(selected, 'message')}."
        ],
        fix=[you('run: pip install "httpx[socks]"')],
        proxy=text(selected, "proxy"),
    )


@rule("proxy.url_invalid")
def url_invalid(evidence: Evidence) -> Finding | None:
    """The proxy's address cannot be used: from the failed attempt to read it."""
    selected = _selected(evidence)
    if selected is None or selected.outcome != "invalid":
        return None
    origin = text(selected, "origin") or "the proxy settings"
    return conclude(
        "proxy.url_invalid",
        because=[
            f"The proxy address from {origin} cannot be used: {text(selected, 'message') or 'it is no URL'}.",
            "No packet was sent: this was seen in the value itself.",
        ],
        fix=[
            you(
                f"correct the proxy address in {origin}: http://HOST:PORT, with : / @ # of a password percent-encoded "
                "(%3A %2F %40 %23)"
            )
        ],
        setting=origin,
    )


@rule("proxy.no_proxy_ignored")
def no_proxy_ignored(evidence: Evidence) -> Finding | None:
    """Libraries read NO_PROXY differently: from the same value evaluated by the rules of each."""
    selected = _selected(evidence)
    ways, value = _ways(selected), text(selected, "no_proxy")
    direct, proxied = _listed(ways, "direct"), _listed(ways, "proxy")
    if selected is None or not value or not direct or not proxied:
        return None
    origin = text(selected, "no_proxy_origin") or "NO_PROXY"
    return conclude(
        "proxy.no_proxy_ignored",
        because=[
            (
                f"With {origin}={value}, a request to {the_server(evidence)} goes direct in {direct} and through the "
                f"proxy in {proxied}."
            ),
            (
                "The client (httpx) goes "
                f"{'through ' + text(selected, 'proxy') if selected.outcome == 'proxy' else 'direct'}."
            ),
        ],
        fix=[
            you(f"add the host name itself, which every library understands: NO_PROXY={value},{the_server(evidence)}")
        ],
        host=the_server(evidence),
    )


@rule("proxy.env_conflict")
def env_conflict(evidence: Evidence) -> Finding | None:
    """The same proxy variable is set twice: from upper and lower case with different values."""
    selected = _selected(evidence)
    variables = {str(name): value for name, value in mapping(selected, "variables").items() if isinstance(value, str)}
    pairs = [
        (name, name.lower())
        for name in variables
        if name.isupper() and name.lower() in variables and variables[name] != variables[name.lower()]
    ]
    if selected is None or not pairs:
        return None
    ways = _ways(selected)
    return conclude(
        "proxy.env_conflict",
        because=[
            *(
                f"{upper}={_shown(variables[upper])} and {lower}={_shown(variables[lower])} are both set and differ."
                for upper, lower in pairs
            ),
            f"So {_listed(ways, 'direct')} would go direct and {_listed(ways, 'proxy')} through a proxy."
            if _listed(ways, "direct") and _listed(ways, "proxy")
            else None,
        ],
        fix=[you(f"set {upper} and {lower} to the same value, or unset one of them") for upper, lower in pairs],
        setting=pairs[0][0],
    )


def _shown(value: str) -> str:
    return value or "(empty)"


@rule("proxy.pac_only")
def pac_only(evidence: Evidence) -> Finding | None:
    """The machine's proxy is set by a script that Python ignores: from a candidate that names a PAC file."""
    selected = _selected(evidence)
    if selected is None or selected.outcome != "direct":
        return None
    for item in mappings(selected, "candidates"):
        origin, proxy = str(item.get("origin") or ""), str(item.get("proxy") or "")
        if proxy.endswith(".pac") or any(word in origin.lower().split() for word in _PAC_WORDS):
            return conclude(
                "proxy.pac_only",
                because=[f"The system's proxy setting is a script, {proxy} (from {origin}); Python ignores it."],
                severity="info" if evidence.ok("tcp", "connect") else "warning",
                proxy=proxy,
            )
    return None
