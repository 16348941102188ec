"""Conclusions from a proxy that gives CONNECT no answer of HTTP, and from the first bytes inside a tunnel."""

from __future__ import annotations

import re

from ayx_diagnostics.evidence import Evidence, flag, text, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, seconds, you
from ayx_diagnostics.rules.proxy.tunnel_evidence import about_tunnel, failed, proxy_of
from ayx_diagnostics.rules.rule import rule

#: How an answer in plain HTTP begins, or the page that a proxy sends as the body of its 200.
_WEB_PAGE = re.compile(r"\s*(HTTP/|<!doctype|<html|<head|<body|<script|<title|<meta)", re.IGNORECASE)


@rule("proxy.scheme_mismatch")
def scheme_mismatch(evidence: Evidence) -> Finding | None:
    """The proxy address says https:// and the proxy speaks plain HTTP: from a handshake with it that fails."""
    tunnel = failed(evidence)
    if tunnel is None or text(tunnel, "phase") != "tls" or tunnel.outcome == "verify_failed":
        return None
    proxy = proxy_of(evidence, tunnel)
    return conclude(
        "proxy.scheme_mismatch",
        about_tunnel(evidence, tunnel),
        because=[
            f"The setting asks for TLS to the proxy {proxy}; the handshake with it fails ({tunnel.outcome}).",
            f"It says {text(tunnel, 'first_bytes')!r}." if text(tunnel, "first_bytes") else None,
        ],
        fix=[you(f"write the proxy as {proxy.replace('https://', 'http://', 1)}")],
        confidence="certain" if text(tunnel, "first_bytes").startswith("HTTP/") else "likely",
    )


@rule("tls.unknown_ca_private")
def proxy_certificate(evidence: Evidence) -> Finding | None:
    """The certificate of the proxy itself is not trusted: from the handshake with an https:// proxy."""
    tunnel = failed(evidence)
    if tunnel is None or text(tunnel, "phase") != "tls" or tunnel.outcome != "verify_failed":
        return None
    proxy = proxy_of(evidence, tunnel)
    said = text(tunnel, "verify_message") or text(tunnel, "tls_reason")
    return conclude(
        "tls.unknown_ca_private",
        about_tunnel(evidence, tunnel),
        because=[f"The certificate of the proxy {proxy} itself is refused{': ' + said if said else ''}."],
        fix=[you(f"trust the issuer of the certificate of {proxy}: pass it with --ca-bundle FILE")],
        confidence="likely",
    )


@rule("proxy.not_http")
def not_http(evidence: Evidence) -> Finding | None:
    """What listens there is no HTTP proxy: from first bytes that are no status line."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome not in ("not_http", "not_socks", "header_too_large"):
        return None
    return conclude(
        "proxy.not_http",
        about_tunnel(evidence, tunnel),
        because=[
            (
                f"{proxy_of(evidence, tunnel)} answers CONNECT with {text(tunnel, 'first_bytes')!r}, which is not what "
                "a proxy says."
            )
        ],
    )


def _answering(evidence: Evidence, tunnel: Observation | None) -> Observation | None:
    """Return the attempt with another scheme at the same proxy that was answered in HTTP, if there was one."""
    proxy = proxy_of(evidence, tunnel)
    _, _, place = proxy.rpartition("@")[2].rpartition("//")
    tried = evidence.all("proxy", "tunnel", candidate=True)
    return next(
        (
            seen
            for seen in tried
            if seen.outcome in ("ok", "status", "verify_failed")
            and text(seen, "proxy").rpartition("//")[2] == place
            and text(seen, "proxy").partition(":")[0] != proxy.partition(":")[0]
        ),
        None,
    )


@rule("proxy.scheme_mismatch")
def other_scheme(evidence: Evidence) -> Finding | None:
    """The scheme of the proxy address is wrong: from the same port, which answers when it is spoken to in another."""
    tunnel = failed(evidence)
    other = _answering(evidence, tunnel)
    if tunnel is None or other is None:
        return None
    proxy, right = proxy_of(evidence, tunnel), text(other, "proxy")
    return conclude(
        "proxy.scheme_mismatch",
        about_tunnel(evidence, tunnel),
        because=[
            f"Spoken to as {proxy}, the proxy does not answer ({tunnel.outcome}).",
            f"Spoken to as {right}, the same port answers ({whole(other, 'status') or other.outcome}).",
        ],
        fix=[you(f"write the proxy as {right}")],
        title=f"{proxy} has the wrong scheme: the port answers as {right.partition(':')[0]}://",
    )


@rule("proxy.connect_silent")
def silent(evidence: Evidence) -> Finding | None:
    """The proxy never answers CONNECT: from silence on an open connection."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome != "timeout":
        return None
    proxy, waited = proxy_of(evidence, tunnel), seconds(tunnel.duration_s)
    socks = proxy.startswith("socks")
    return conclude(
        "proxy.connect_silent",
        about_tunnel(evidence, tunnel),
        because=[
            f"{proxy} gave no answer to a SOCKS greeting within {waited}: an HTTP proxy does the same."
            if socks
            else f"{proxy} took the connection and gave no answer to CONNECT {tunnel.target} within {waited}."
        ],
        fix=[
            you(f"if it is an HTTP proxy, write http://{proxy.partition('://')[2]}"),
            network(f"look at the load and the log of {proxy}"),
        ]
        if socks
        else [],
    )


@rule("proxy.closes_after_connect")
def closes(evidence: Evidence) -> Finding | None:
    """The proxy hangs up on CONNECT: from FIN or RST instead of an answer."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome not in ("closed", "reset"):
        return None
    how = "closes the connection (FIN)" if tunnel.outcome == "closed" else "resets the connection (RST)"
    return conclude(
        "proxy.closes_after_connect",
        about_tunnel(evidence, tunnel),
        because=[
            (
                f"{proxy_of(evidence, tunnel)} {how} after CONNECT {tunnel.target}, "
                f"{whole(tunnel, 'bytes_received') or 0} bytes came back."
            )
        ],
    )


def _inside(evidence: Evidence) -> Observation | None:
    """Return the failed handshake inside a tunnel of the client's own proxy, else None."""
    if not any(seen.ok for seen in evidence.tunnels):
        return None
    inside = [seen for seen in evidence.handshakes if flag(seen, "via_proxy")]
    return inside[0] if inside and not any(seen.ok for seen in inside) else None


@rule("proxy.tunnel_cut_on_clienthello")
def cut_on_hello(evidence: Evidence) -> Finding | None:
    """The tunnel is cut when TLS begins: from FIN or RST on the ClientHello inside an open tunnel."""
    seen = _inside(evidence)
    if seen is None or seen.outcome not in ("reset", "closed") or whole(seen, "bytes_received"):
        return None
    if whole(evidence.first("http", "get", outcome="ok", purpose="plain_http"), "status") not in (None, 400):
        return None  # the tunnel carries plain HTTP well enough: that is what the Server speaks
    tunnel = next(item for item in evidence.tunnels if item.ok)
    direct = any(item.ok for item in evidence.all("tls", "handshake") if not flag(item, "via_proxy"))
    other = any(
        item.ok or whole(item, "bytes_received")
        for item in evidence.all("tls", "handshake", via_proxy=True)
        if item.evidence.get("purpose") in ("no_sni", "other_sni")
    )
    return conclude(
        "proxy.tunnel_cut_on_clienthello",
        about_tunnel(evidence, tunnel),
        because=[
            (
                f"{proxy_of(evidence, tunnel)} opens the tunnel to {tunnel.target}; the connection is ended "
                f"({'RST' if seen.outcome == 'reset' else 'FIN'}) on the ClientHello for {text(seen, 'server_name')}."
            ),
            "Through the same proxy, a ClientHello without that name is answered." if other else None,
            "Without the proxy, the same handshake works." if direct else None,
        ],
        fix=[network(f"exempt {text(seen, 'server_name') or evidence.host} from the proxy's filter of TLS names")],
        confidence="certain" if direct or other else "likely",
    )


@rule("proxy.html_after_200")
def html_after_200(evidence: Evidence) -> Finding | None:
    """The tunnel holds a web page in place of TLS: from an HTTP answer to the ClientHello inside the tunnel."""
    seen = _inside(evidence)
    first = text(seen, "first_bytes")
    if seen is None or seen.outcome not in ("not_tls", "protocol_error") or not _WEB_PAGE.match(first):
        return None
    tunnel = next(item for item in evidence.tunnels if item.ok)
    return conclude(
        "proxy.html_after_200",
        about_tunnel(evidence, tunnel),
        because=[
            (
                f"Inside the tunnel to {tunnel.target} that {proxy_of(evidence, tunnel)} opened, the ClientHello is "
                f"answered in plain HTTP: {first!r}."
            )
        ],
        confidence="likely",
    )
