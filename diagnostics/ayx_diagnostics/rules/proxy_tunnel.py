"""Conclusions from what became of CONNECT, and of the first bytes inside the tunnel (RFC 9110, 9.3.6)."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, flag, text, texts, whole
from ayx_diagnostics.model import Confidence, Finding, FixStep, Observation
from ayx_diagnostics.rules.conclusion import Rule, conclude, network, seconds, you

__all__ = ["RULES", "failed"]

_NO_SUCH_METHOD = frozenset({400, 401, 404, 405, 501})
_NETWORK_AUTHENTICATION = 511
_PASSWORD_SCHEMES = ("basic", "digest")

#: Words of X-Squid-Error and Proxy-Status (RFC 9209, 2.3) for why the proxy could not reach the host.
_DNS_WORDS = ("err_dns_fail", "dns_timeout", "dns_error", "err_cannot_forward")
_CONNECT_WORDS = (
    "err_connect_fail",
    "err_read_timeout",
    "connection_timeout",
    "connection_refused",
    "destination_ip_unroutable",
    "destination_unavailable",
)
#: What a reply of a SOCKS proxy (RFC 1928, 6) would be as a status of an HTTP proxy.
_SOCKS_REPLIES = {
    1: HTTPStatus.BAD_GATEWAY,
    2: HTTPStatus.FORBIDDEN,
    3: HTTPStatus.GATEWAY_TIMEOUT,
    4: HTTPStatus.GATEWAY_TIMEOUT,
    5: HTTPStatus.GATEWAY_TIMEOUT,
    6: HTTPStatus.GATEWAY_TIMEOUT,
    7: HTTPStatus.METHOD_NOT_ALLOWED,
    8: HTTPStatus.METHOD_NOT_ALLOWED,
    255: HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
}
_SQUID_ERRNO = {"110": "timed out", "111": "refused", "113": "no route to host", "101": "network unreachable"}


def failed(evidence: Evidence) -> Observation | None:
    """Return the last tunnel through the client's own proxy if none could be opened, else None."""
    tunnels = evidence.tunnels
    if not tunnels or any(seen.ok for seen in tunnels):
        return None
    return tunnels[-1]


def _status(evidence: Evidence) -> tuple[Observation | None, int | None]:
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome != "status":
        return tunnel, None
    status = whole(tunnel, "status")
    return tunnel, _SOCKS_REPLIES.get(status, status) if status is not None else None


def _proxy(evidence: Evidence, tunnel: Observation | None) -> str:
    return text(tunnel, "proxy") or text(evidence.last("proxy", "select"), "proxy")


def _answer(tunnel: Observation) -> str:
    said = f"{whole(tunnel, 'status')} {text(tunnel, 'reason')}".strip()
    return f"{text(tunnel, 'proxy') or 'The proxy'} answers CONNECT {tunnel.target} with {said}."


def _finding(
    evidence: Evidence,
    code: str,
    tunnel: Observation,
    because: list[str | None],
    *,
    fix: tuple[FixStep, ...] = (),
    confidence: Confidence = "certain",
    ruled_out: tuple[str | None, ...] = (),
) -> Finding:
    headers = {"Server": text(tunnel, "server"), "Via": text(tunnel, "via")}
    who = ", ".join(f"{name}: {value}" for name, value in headers.items() if value)
    return conclude(
        code,
        because=[*because, f"The answer carries {who}." if who else None],
        ruled_out=[
            "Not the way to the proxy: the connection to it is up." if evidence.ok("proxy", "connect") else None,
            *ruled_out,
        ],
        fix=fix,
        confidence=confidence,
        proxy=_proxy(evidence, tunnel),
        host=evidence.host,
    )


def auth_required(evidence: Evidence) -> Finding | None:
    """The proxy wants credentials: from status 407 and the schemes that it offers."""
    tunnel, status = _status(evidence)
    if tunnel is None or status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:  # RFC 9110, 15.5.8
        return None
    offered = texts(tunnel, "proxy_authenticate") or tuple(filter(None, [text(tunnel, "proxy_authenticate")]))
    schemes = list(dict.fromkeys(item.split()[0].rstrip(",") for item in offered if item.split()))
    by_password = [item for item in schemes if item.lower() in _PASSWORD_SCHEMES]
    sent = flag(evidence.last("proxy", "select"), "has_credentials")
    proxy = _proxy(evidence, tunnel)
    scheme, _, address = proxy.partition("://")
    with_user = f"{scheme or 'http'}://USER:PASSWORD@{(address or proxy).rpartition('@')[2]}"
    steps = (
        you(
            "correct the user name or password of the proxy setting"
            if sent
            else f"put the credentials into the proxy setting: {with_user} (percent-encode : / @ # in the password)"
        )
        if by_password or not schemes
        else you(
            f"the proxy takes only {', '.join(schemes)}, which Python's HTTP clients do not speak: run a local helper "
            "such as px or cntlm and use it as the proxy"
        ),
        network(f"or exempt {tunnel.target} from authentication on the proxy"),
    )
    return _finding(
        evidence,
        "proxy.auth_required",
        tunnel,
        [
            _answer(tunnel),
            f"It offers these schemes: {', '.join(schemes)}." if schemes else None,
            "Credentials were sent and not accepted." if sent else "No credentials were sent to it.",
        ],
        fix=steps,
        ruled_out=("Not the Server's own credentials: the request never got to the Server.",),
    )


def denied(evidence: Evidence) -> Finding | None:
    """The proxy's rules forbid the host: from status 403, 451 or 429, or squid's ERR_ACCESS_DENIED."""
    tunnel, status = _status(evidence)
    squid = text(tunnel, "x_squid_error")
    if tunnel is None or (status not in (403, 451, 429) and "ERR_ACCESS_DENIED" not in squid):
        return None
    return _finding(
        evidence,
        "proxy.denied",
        tunnel,
        [_answer(tunnel), f"It gives the reason {squid}." if squid else None],
        fix=(network(f"allow CONNECT to {tunnel.target} on {_proxy(evidence, tunnel)} for this machine"),),
        ruled_out=("Not the Server: the proxy refused before asking it.",),
    )


def _reasons(tunnel: Observation) -> str:
    return f"{text(tunnel, 'x_squid_error')} {text(tunnel, 'proxy_status')}".lower()


def _upstream(evidence: Evidence, code: str, words: tuple[str, ...], statuses: frozenset[int]) -> Finding | None:
    tunnel, status = _status(evidence)
    if tunnel is None or status is None or status < HTTPStatus.INTERNAL_SERVER_ERROR:  # server errors
        return None
    reasons = _reasons(tunnel)
    explained = any(word in reasons for word in words)
    other = any(word in reasons for word in (*_DNS_WORDS, *_CONNECT_WORDS) if word not in words)
    if not explained and (other or status not in statuses):
        return None
    squid = text(tunnel, "x_squid_error").split()
    meaning = _SQUID_ERRNO.get(squid[1]) if len(squid) > 1 else None
    host = tunnel.target.rpartition(":")[0] or evidence.host
    direct = evidence.first("dns", "system_lookup", outcome="ok")
    dns = code == "proxy.upstream_dns_fail"
    return _finding(
        evidence,
        code,
        tunnel,
        [
            _answer(tunnel),
            f"It gives the reason {text(tunnel, 'x_squid_error')}{' (' + meaning + ')' if meaning else ''}."
            if squid
            else None,
            f"It gives the reason {text(tunnel, 'proxy_status')}." if text(tunnel, "proxy_status") else None,
            f"The answer took {seconds(tunnel.duration_s)}.",
        ],
        fix=(
            network(f"make the proxy's nameservers resolve {host}, or exempt {host} from the proxy")
            if dns
            else network(f"allow the proxy to reach {tunnel.target}, or exempt {host} from the proxy"),
        ),
        confidence="certain" if explained else "likely",
        ruled_out=(f"Not the name itself: this machine resolves {direct.target}." if dns and direct else None,),
    )


def upstream_dns(evidence: Evidence) -> Finding | None:
    """The proxy cannot resolve the host: from the reason that it gives."""
    return _upstream(evidence, "proxy.upstream_dns_fail", _DNS_WORDS, frozenset())


def upstream_timeout(evidence: Evidence) -> Finding | None:
    """The proxy cannot connect to the host: from the reason that it gives, or status 504."""
    return _upstream(evidence, "proxy.upstream_timeout", _CONNECT_WORDS, frozenset({504}))


def redirect(evidence: Evidence) -> Finding | None:
    """The proxy sends the client to a sign-in page: from a redirection, or status 511, to CONNECT."""
    tunnel, status = _status(evidence)
    if (
        tunnel is None
        or status is None
        or not (HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or status == _NETWORK_AUTHENTICATION)
    ):  # redirections
        return None
    location = text(tunnel, "location")
    return _finding(
        evidence,
        "proxy.connect_redirect",
        tunnel,
        [_answer(tunnel), f"It points to {location}." if location else None],
        fix=(you(f"open {location or 'any http:// page'} in a browser, sign in, and try again"),),
    )


def not_allowed(evidence: Evidence) -> Finding | None:
    """The address is a web server and no forward proxy: from a status that means CONNECT is unknown there."""
    tunnel, status = _status(evidence)
    if tunnel is None or status not in _NO_SUCH_METHOD:
        return None
    return _finding(evidence, "proxy.connect_not_allowed", tunnel, [_answer(tunnel)])


def bad_gateway(evidence: Evidence) -> Finding | None:
    """The proxy failed beyond itself: from any other error status."""
    tunnel, status = _status(evidence)
    if tunnel is None or status is None or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:  # successes
        return None
    squid = text(tunnel, "x_squid_error")
    return _finding(
        evidence,
        "proxy.bad_gateway",
        tunnel,
        [_answer(tunnel), f"It gives the reason {squid}." if squid else None],
        confidence="certain" if status == HTTPStatus.BAD_GATEWAY else "likely",  # RFC 9110, 15.6.3
    )


def scheme_mismatch(evidence: Evidence) -> Finding | None:
    """The proxy address says https:// and the proxy speaks plain HTTP: from a handshake with it that fails."""
    tunnel = failed(evidence)
    if tunnel is None or text(tunnel, "phase") != "tls" or tunnel.outcome == "verify_failed":
        return None
    proxy = _proxy(evidence, tunnel)
    return _finding(
        evidence,
        "proxy.scheme_mismatch",
        tunnel,
        [
            f"The setting asks for TLS to the proxy {proxy}; the handshake with it fails ({tunnel.outcome}).",
            f"It says {text(tunnel, 'first_bytes')!r}." if text(tunnel, "first_bytes") else None,
        ],
        fix=(you(f"write the proxy as {proxy.replace('https://', 'http://', 1)}"),),
        confidence="certain" if text(tunnel, "first_bytes").startswith("HTTP/") else "likely",
    )


def proxy_certificate(evidence: Evidence) -> Finding | None:
    """The certificate of the proxy itself is not trusted: from the handshake with an https:// proxy."""
    tunnel = failed(evidence)
    if tunnel is None or text(tunnel, "phase") != "tls" or tunnel.outcome != "verify_failed":
        return None
    proxy = _proxy(evidence, tunnel)
    said = text(tunnel, "verify_message") or text(tunnel, "tls_reason")
    return _finding(
        evidence,
        "tls.unknown_ca_private",
        tunnel,
        [f"The certificate of the proxy {proxy} itself is refused{': ' + said if said else ''}."],
        fix=(you(f"trust the issuer of the certificate of {proxy}: pass it with --ca-bundle FILE"),),
        confidence="likely",
    )


def not_http(evidence: Evidence) -> Finding | None:
    """What listens there is no HTTP proxy: from first bytes that are no status line."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome not in ("not_http", "not_socks", "header_too_large"):
        return None
    return _finding(
        evidence,
        "proxy.not_http",
        tunnel,
        [
            (
                f"{_proxy(evidence, tunnel)} answers CONNECT with {text(tunnel, 'first_bytes')!r}, which is not "
                "what a proxy says."
            )
        ],
    )


def silent(evidence: Evidence) -> Finding | None:
    """The proxy never answers CONNECT: from silence on an open connection."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome != "timeout":
        return None
    return _finding(
        evidence,
        "proxy.connect_silent",
        tunnel,
        [
            (
                f"{_proxy(evidence, tunnel)} took the connection and gave no answer to CONNECT {tunnel.target} within "
                f"{seconds(tunnel.duration_s)}."
            )
        ],
    )


def closes(evidence: Evidence) -> Finding | None:
    """The proxy hangs up on CONNECT: from FIN or RST instead of an answer."""
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome not in ("closed", "reset"):
        return None
    how = "closes the connection (FIN)" if tunnel.outcome == "closed" else "resets the connection (RST)"
    return _finding(
        evidence,
        "proxy.closes_after_connect",
        tunnel,
        [
            (
                f"{_proxy(evidence, tunnel)} {how} after CONNECT {tunnel.target}, "
                f"{whole(tunnel, 'bytes_received') or 0} bytes "
                "came back."
            )
        ],
    )


def _inside(evidence: Evidence) -> Observation | None:
    """Return the failed handshake inside a tunnel of the client's own proxy, else None."""
    if not any(seen.ok for seen in evidence.tunnels):
        return None
    inside = [seen for seen in evidence.handshakes if flag(seen, "via_proxy")]
    return inside[0] if inside and not any(seen.ok for seen in inside) else None


def cut_on_hello(evidence: Evidence) -> Finding | None:
    """The tunnel is cut when TLS begins: from FIN or RST on the ClientHello inside an open tunnel."""
    seen = _inside(evidence)
    if seen is None or seen.outcome not in ("reset", "closed") or whole(seen, "bytes_received"):
        return None
    tunnel = next(item for item in evidence.tunnels if item.ok)
    direct = any(item.ok for item in evidence.all("tls", "handshake") if not flag(item, "via_proxy"))
    other = any(
        item.ok or whole(item, "bytes_received")
        for item in evidence.all("tls", "handshake", via_proxy=True)
        if item.evidence.get("purpose") in ("no_sni", "other_sni")
    )
    return _finding(
        evidence,
        "proxy.tunnel_cut_on_clienthello",
        tunnel,
        [
            (
                f"{_proxy(evidence, tunnel)} opens the tunnel to {tunnel.target}; the connection is ended "
                f"({'RST' if seen.outcome == 'reset' else 'FIN'}) on the ClientHello for {text(seen, 'server_name')}."
            ),
            "Through the same proxy, a ClientHello without that name is answered." if other else None,
            "Without the proxy, the same handshake works." if direct else None,
        ],
        fix=(network(f"exempt {text(seen, 'server_name') or evidence.host} from the proxy's filter of TLS names"),),
        confidence="certain" if direct or other else "likely",
    )


def html_after_200(evidence: Evidence) -> Finding | None:
    """The tunnel holds a web page in place of TLS: from an HTTP answer to the ClientHello inside the tunnel."""
    seen = _inside(evidence)
    first = text(seen, "first_bytes")
    if seen is None or seen.outcome not in ("not_tls", "protocol_error") or "HTTP/" not in first[:8]:
        return None
    tunnel = next(item for item in evidence.tunnels if item.ok)
    return _finding(
        evidence,
        "proxy.html_after_200",
        tunnel,
        [
            (
                f"Inside the tunnel to {tunnel.target} that {_proxy(evidence, tunnel)} opened, the "
                "ClientHello is answered in "
                f"plain HTTP: {first!r}."
            )
        ],
        confidence="likely",
    )


_TABLE: tuple[tuple[Callable[[Evidence], Finding | None], str], ...] = (
    (scheme_mismatch, "proxy.scheme_mismatch"),
    (proxy_certificate, "tls.unknown_ca_private"),
    (auth_required, "proxy.auth_required"),
    (denied, "proxy.denied"),
    (upstream_dns, "proxy.upstream_dns_fail"),
    (upstream_timeout, "proxy.upstream_timeout"),
    (redirect, "proxy.connect_redirect"),
    (not_allowed, "proxy.connect_not_allowed"),
    (bad_gateway, "proxy.bad_gateway"),
    (not_http, "proxy.not_http"),
    (silent, "proxy.connect_silent"),
    (closes, "proxy.closes_after_connect"),
    (cut_on_hello, "proxy.tunnel_cut_on_clienthello"),
    (html_after_200, "proxy.html_after_200"),
)

RULES: tuple[Rule, ...] = tuple(Rule(rule, (code,)) for rule, code in _TABLE)
