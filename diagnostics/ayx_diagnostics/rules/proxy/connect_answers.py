"""Conclusions from the status with which a proxy answers CONNECT (RFC 9110, 9.3.6; RFC 1928, 6)."""

from __future__ import annotations

from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, flag, text, texts, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, seconds, you
from ayx_diagnostics.rules.proxy.tunnel_evidence import about_tunnel, failed, proxy_of
from ayx_diagnostics.rules.rule import rule

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


def _status(evidence: Evidence) -> tuple[Observation | None, int | None]:
    tunnel = failed(evidence)
    if tunnel is None or tunnel.outcome not in ("status", "ok"):
        return tunnel, None
    status = whole(tunnel, "status")
    return tunnel, _SOCKS_REPLIES.get(status, status) if status is not None else None


def _answer(evidence: Evidence, tunnel: Observation) -> str:
    said = f"{whole(tunnel, 'status')} {text(tunnel, 'reason')}".strip()
    asked = f"{text(tunnel, 'method')} {tunnel.target}" if tunnel.operation != "tunnel" else f"CONNECT {tunnel.target}"
    return f"{proxy_of(evidence, tunnel) or 'The proxy'} answers {asked} with {said}."


@rule("proxy.auth_required")
def auth_required(evidence: Evidence) -> Finding | None:
    """The proxy wants credentials: from status 407 and the schemes that it offers."""
    tunnel, status = _status(evidence)
    if tunnel is None or status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:  # RFC 9110, 15.5.8
        return None
    offered = texts(tunnel, "proxy_authenticate") or tuple(filter(None, [text(tunnel, "proxy_authenticate")]))
    schemes = list(dict.fromkeys(item.split()[0].rstrip(",") for item in offered if item.split()))
    by_password = [item for item in schemes if item.lower() in _PASSWORD_SCHEMES]
    sent = flag(evidence.last("proxy", "select"), "has_credentials")
    proxy = proxy_of(evidence, tunnel)
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
    return conclude(
        "proxy.auth_required",
        about_tunnel(evidence, tunnel),
        because=[
            _answer(evidence, tunnel),
            f"It offers these schemes: {', '.join(schemes)}." if schemes else None,
            "Credentials were sent and not accepted." if sent else "No credentials were sent to it.",
        ],
        fix=steps,
        ruled_out=["Not the Server's own credentials: the request never got to the Server."],
    )


@rule("proxy.denied")
def denied(evidence: Evidence) -> Finding | None:
    """The proxy's rules forbid the host: from status 403, 451 or 429, or squid's ERR_ACCESS_DENIED."""
    tunnel, status = _status(evidence)
    squid = text(tunnel, "x_squid_error")
    if tunnel is None or (status not in (403, 451, 429) and "ERR_ACCESS_DENIED" not in squid):
        return None
    return conclude(
        "proxy.denied",
        about_tunnel(evidence, tunnel),
        because=[_answer(evidence, tunnel), f"It gives the reason {squid}." if squid else None],
        fix=[network(f"allow CONNECT to {tunnel.target} on {proxy_of(evidence, tunnel)} for this machine")],
        ruled_out=["Not the Server: the proxy refused before asking it."],
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
    if status == HTTPStatus.BAD_GATEWAY and "connection_refused" in reasons:
        return None  # RFC 9209, 2.3.6: it got an answer, if not the one it wanted
    if not explained and (other or status not in statuses):
        return None
    squid = text(tunnel, "x_squid_error").split()
    meaning = _SQUID_ERRNO.get(squid[1]) if len(squid) > 1 else None
    host = tunnel.target.rpartition(":")[0] or evidence.host
    direct = evidence.first("dns", "system_lookup", outcome="ok")
    dns = code == "proxy.upstream_dns_fail"
    return conclude(
        code,
        about_tunnel(evidence, tunnel),
        because=[
            _answer(evidence, tunnel),
            f"It gives the reason {text(tunnel, 'x_squid_error')}{' (' + meaning + ')' if meaning else ''}."
            if squid
            else None,
            f"It gives the reason {text(tunnel, 'proxy_status')}." if text(tunnel, "proxy_status") else None,
            f"The answer took {seconds(tunnel.duration_s)}.",
        ],
        fix=[
            network(f"make the proxy's nameservers resolve {host}, or exempt {host} from the proxy")
            if dns
            else network(f"allow the proxy to reach {tunnel.target}, or exempt {host} from the proxy")
        ],
        confidence="certain" if explained else "likely",
        ruled_out=[f"Not the name itself: this machine resolves {direct.target}." if dns and direct else None],
    )


@rule("proxy.upstream_dns_fail")
def upstream_dns(evidence: Evidence) -> Finding | None:
    """The proxy cannot resolve the host: from the reason that it gives."""
    return _upstream(evidence, "proxy.upstream_dns_fail", _DNS_WORDS, frozenset())


@rule("proxy.upstream_timeout")
def upstream_timeout(evidence: Evidence) -> Finding | None:
    """The proxy cannot connect to the host: from the reason that it gives, or status 504."""
    return _upstream(evidence, "proxy.upstream_timeout", _CONNECT_WORDS, frozenset({504}))


@rule("proxy.connect_redirect")
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
    return conclude(
        "proxy.connect_redirect",
        about_tunnel(evidence, tunnel),
        because=[_answer(evidence, tunnel), f"It points to {location}." if location else None],
        fix=[you(f"open {location or 'any http:// page'} in a browser, sign in, and try again")],
    )


@rule("proxy.connect_not_allowed")
def not_allowed(evidence: Evidence) -> Finding | None:
    """The address is a web server and no forward proxy: from a status that means CONNECT is unknown there."""
    tunnel, status = _status(evidence)
    if tunnel is None or status not in _NO_SUCH_METHOD:
        return None
    return conclude("proxy.connect_not_allowed", about_tunnel(evidence, tunnel), because=[_answer(evidence, tunnel)])


@rule("proxy.bad_gateway")
def bad_gateway(evidence: Evidence) -> Finding | None:
    """The proxy failed beyond itself: from any other error status."""
    tunnel, status = _status(evidence)
    if tunnel is None or status is None or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:  # successes
        return None
    squid = text(tunnel, "x_squid_error")
    return conclude(
        "proxy.bad_gateway",
        about_tunnel(evidence, tunnel),
        because=[_answer(evidence, tunnel), f"It gives the reason {squid}." if squid else None],
        confidence="certain" if status == HTTPStatus.BAD_GATEWAY else "likely",
    )
