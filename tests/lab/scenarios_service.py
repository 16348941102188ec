"""Faults of proxies, TLS and the Server's answers that meet each other; rows of the table of scenarios."""

from __future__ import annotations

from lab.faults import Filter, Proxy, Server, StandIn
from lab.laboratory import PROXY_PASSWORD
from lab.scenario import FAULT, SEVERAL_FAULTS, Scenario
from lab.topology import FAULTY

_DROPPED = Filter("router1", "forward", ("tcp dport 443 drop",))
_WORKING_PROXY = "http://proxy.lab.test:3128"
_FAULTY_PROXY = "http://faultyproxy.lab.test:3128"
_PLAIN = "http://fault.lab.test/webapi"


def _untrusted(certificate: str, verify_code: int, code: str, fault: str, why: str) -> Scenario:
    """Return a Server whose certificate is refused and whose answers are wrong as well."""
    return Scenario(
        f"{SEVERAL_FAULTS}{certificate}, and {fault}",
        code,
        why,
        f"start_tls verify {verify_code}",
        (StandIn((fault,), certificate=certificate),),
        url=FAULT,
        environment={"ALTERYX_CA_BUNDLE": ""} if certificate == "unknown_ca_root_sent" else {},
    )


SCENARIOS_SERVICE: tuple[Scenario, ...] = (
    Scenario(
        "one style alone is accepted at the token endpoint",
        "token.auth_style_mismatch",
        "connect() tries the other style once and works; so does the rest of the walk",
        "token 400",
        (StandIn(("token.auth_style_mismatch=basic",)),),
        url=FAULT,
        status="degraded",
    ),
    Scenario(
        "plain HTTP to a port that speaks TLS",
        "http.http_to_https_port",
        "the request is hung up on, and a handshake on the same port works",
        "receive_response_headers RemoteProtocolError|receive_response_headers ECONNRESET|token 400",
        (StandIn(),),
        url="http://fault.lab.test:443/webapi",
    ),
    Scenario(
        "socks5:// for an HTTP proxy",
        "proxy.scheme_mismatch",
        "it waits for the rest of a request line, and answers CONNECT on the same port",
        "hangs",
        (Proxy(),),
        environment={"HTTPS_PROXY": "socks5://faultyproxy.lab.test:3128"},
    ),
    Scenario(
        "a proxy refuses a plain request",
        "proxy.denied",
        "the 403 carries the proxy's own reason; the Server never saw the request",
        "token 403",
        (Proxy("denied"),),
        url=_PLAIN,
        environment={"HTTP_PROXY": _FAULTY_PROXY},
    ),
    Scenario(
        "a proxy wants a password for a plain request",
        "proxy.auth_required",
        "407 is never the Server's",
        "token 407",
        (Proxy(credentials=f"robot:{PROXY_PASSWORD}"),),
        url=_PLAIN,
        environment={"HTTP_PROXY": _FAULTY_PROXY},
    ),
    _untrusted("expired", 10, "tls.cert_expired", "http.wrong_base_path", "the path is wrong whatever the dates say"),
    _untrusted("unknown_ca_root_sent", 19, "tls.unknown_ca_private", "http.gateway_5xx", "trust first, then the 502"),
    _untrusted("unknown_ca_root_sent", 19, "tls.unknown_ca_private", "token.not_found", "trust first, then the 404"),
    _untrusted("wrong_host", 62, "tls.hostname_mismatch", "token.server_error", "the name first, then the 500"),
    _untrusted("self_signed", 18, "tls.self_signed", "api.not_alteryx", "somebody else's self-signed page"),
    _untrusted("intercepted", 19, "tls.intercepted", "http.redirect_to_login", "inspected, and sent to a sign-in"),
    _untrusted("expired", 10, "tls.cert_expired", "http.rate_limited", "the dates do not depend on the rate"),
    Scenario(
        f"{SEVERAL_FAULTS}the needed proxy is set, and the secret is wrong",
        "token.invalid_client",
        "the proxy works; what it brings back is the token endpoint's own answer",
        "token 400",
        (_DROPPED,),
        environment={"HTTPS_PROXY": _WORKING_PROXY, "ALTERYX_CLIENT_SECRET": "0" * 64},
    ),
    Scenario(
        f"{SEVERAL_FAULTS}NO_PROXY with a wildcard, and a proxy that refuses",
        "proxy.configured_but_unneeded",
        "httpx does not read *.lab.test, so the request goes to a proxy that does not want it",
        "ProxyError 403",
        (Proxy("denied"),),
        environment={"HTTPS_PROXY": _FAULTY_PROXY, "NO_PROXY": "*.lab.test"},
    ),
    Scenario(
        f"{SEVERAL_FAULTS}the proxy wants a password, and the certificate behind it has expired",
        "proxy.auth_required",
        "nobody can see past a proxy that opens no tunnel",
        "ProxyError 407",
        (
            Filter("router1", "forward", (f"ip daddr {FAULTY} tcp dport 443 drop",)),
            Proxy(credentials=f"robot:{PROXY_PASSWORD}"),
            StandIn(certificate="expired"),
        ),
        url=FAULT,
        environment={"HTTPS_PROXY": _FAULTY_PROXY},
    ),
    Scenario(
        f"{SEVERAL_FAULTS}one style alone, and the API refuses the token",
        "api.unauthorized",
        "the style is a warning, for connect() copes with it; the refusal is what stops the script",
        "token 400",
        (StandIn(("token.auth_style_mismatch=basic", "api.unauthorized")),),
        url=FAULT,
    ),
    Scenario(
        f"{SEVERAL_FAULTS}the Server's clock is wrong, and the key",
        "token.invalid_client",
        "a quarter of an hour is no reason for invalid_client",
        "token 400",
        (StandIn(("local.clock_skew=900", "token.invalid_client")),),
        url=FAULT,
    ),
    Scenario(
        f"{SEVERAL_FAULTS}a certificate that has expired, and a demand for one of the client's",
        "tls.cert_expired",
        "the client stops at the dates; without them it would stop at the demand",
        "start_tls verify 10",
        (Server("client_certificate_1_3", "expired"),),
        url=FAULT,
    ),
)
