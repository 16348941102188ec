"""Scenarios with squid and nginx themselves, and of what only a second question tells; rows of the table."""

from __future__ import annotations

from lab.faults import Filter, Nameserver, ResolverConfiguration, StandIn
from lab.programs import NetrcFile, Nginx, Squid
from lab.scenario import FAULT, SEVERAL_FAULTS, Scenario
from lab.topology import FAULTY, FAULTY_PROXY, HEALTHY, NO_NAMESERVER

_SQUID = "http://faultyproxy.lab.test:3128"
_BLOCKED = Filter("router1", "forward", (f"iifname c1 ip daddr {HEALTHY} tcp dport 443 drop",))
_BEHIND = f"proxy_pass https://{HEALTHY};"
#: Several addresses of one name, each with a Server of its own.
_TWO = (
    Nameserver({"pool.lab.test": [HEALTHY, FAULTY]}),
    ResolverConfiguration((NO_NAMESERVER,)),
)
_POOL = "https://pool.lab.test/webapi"

PROXIES = (
    Scenario(
        "squid forbids the host",
        "proxy.denied",
        "X-Squid-Error says ERR_ACCESS_DENIED, and there is no other way",
        "ProxyError 403",
        (_BLOCKED, Squid("acl ours dstdomain .lab.test\nhttp_access deny ours\nhttp_access allow all")),
        environment={"HTTPS_PROXY": _SQUID},
    ),
    Scenario(
        "squid forbids a host that is reachable without it",
        "proxy.configured_but_unneeded",
        "the same 403, and the Server accepts a direct connection",
        "ProxyError 403",
        (Squid("acl ours dstdomain .lab.test\nhttp_access deny ours\nhttp_access allow all"),),
        environment={"HTTPS_PROXY": _SQUID},
    ),
    Scenario(
        "squid asks nameservers that do not know the host",
        "proxy.upstream_dns_fail",
        "X-Squid-Error says so; this machine resolves the name",
        "ProxyError 503|ProxyError 500",
        (_BLOCKED, Nameserver({"ayx.lab.test": "nxdomain"}), Squid(nameserver=NO_NAMESERVER)),
        environment={"HTTPS_PROXY": _SQUID},
    ),
    Scenario(
        "squid gets no answer from the Server",
        "proxy.upstream_timeout",
        "ERR_CONNECT_FAIL 110 after the proxy's own timeout: its firewall, not ours",
        "receive_response_headers TimeoutError",
        (Filter("router2", "forward", (f"ip daddr {HEALTHY} tcp dport 443 drop",)), Squid()),
        environment={"HTTPS_PROXY": _SQUID},
        options=("--connect-timeout", "2", "--read-timeout", "8", "--max-time", "30"),
    ),
    Scenario(
        "https:// in front of squid, which speaks plain HTTP",
        "proxy.scheme_mismatch",
        "squid answers the ClientHello in HTTP, and CONNECT without TLS works",
        "start_tls WRONG_VERSION_NUMBER|start_tls HTTP_REQUEST|start_tls ReadTimeout|start_tls TimeoutError",
        (_BLOCKED, Squid()),
        environment={"HTTPS_PROXY": _SQUID.replace("http:", "https:")},
    ),
    Scenario(
        "squid in between",
        None,
        "a proxy that works is no finding",
        "ok",
        (_BLOCKED, Squid()),
        environment={"HTTPS_PROXY": _SQUID},
    ),
    Scenario(
        "the lower-case variable names a dead proxy, the upper-case one the right one",
        "proxy.env_conflict",
        "httpx reads https_proxy; only HTTPS_PROXY leads anywhere",
        "connect_tcp ECONNREFUSED",
        (_BLOCKED, Squid()),
        environment={"HTTPS_PROXY": _SQUID, "https_proxy": "http://proxy.lab.test:9"},
    ),
)

#: A web server that browsers ask for a proxy script, in the domain with which this machine completes names.
_SCRIPT = f'function FindProxyForURL(u, h) {{ return \\"PROXY {FAULTY_PROXY}:3128; DIRECT\\"; }}'
BROWSERS_ONLY = (
    Scenario(
        "only a proxy script knows the way",
        "proxy.pac_only",
        "http://wpad.lab.test/wpad.dat names a proxy that opens the tunnel; browsers find it, Python does not",
        "connect_tcp TimeoutError",
        (
            _BLOCKED,
            Squid(),
            Nameserver({"wpad.lab.test": FAULTY}),
            ResolverConfiguration((NO_NAMESERVER,), search="lab.test"),
            Nginx(http=f'server {{ listen {FAULTY}:80; location = /wpad.dat {{ return 200 "{_SCRIPT}"; }} }}\n'),
        ),
    ),
)

GATEWAYS = (
    Scenario("nginx in front of the Server", None, "its headers are no fault", "ok", (Nginx(),), url=FAULT),
    Scenario(
        "nginx refuses the name in the ClientHello",
        "tls.unrecognized_name",
        "ssl_reject_handshake answers with alert 112",
        "start_tls TLSV1_UNRECOGNIZED_NAME",
        (Nginx("ssl_reject_handshake on;"),),
        url=FAULT,
    ),
    Scenario(
        "nginx wants a client certificate and says so in HTTP",
        "tls.client_cert_required_12",
        "the handshake passes; 400 with a page that names the certificate",
        "token 400",
        (
            Nginx(
                f"ssl_protocols TLSv1.2; ssl_client_certificate ROOT; ssl_verify_client on; location / {{ {_BEHIND} }}"
            ),
        ),
        url=FAULT,
    ),
    Scenario(
        "nginx has no Server behind it",
        "http.gateway_5xx",
        "502 from nginx itself",
        "token 502",
        (Nginx("location / { proxy_pass http://127.0.0.1:9; }"),),
        url=FAULT,
    ),
    Scenario(
        "nginx serves another name at this address",
        "http.wrong_vhost",
        "404 for this Host; the certificate's other name is answered by the Server",
        "token 404",
        (
            Nginx(
                "return 404;",
                http=f"server {{ listen {FAULTY}:443 ssl; server_name ayx.lab.test; location / {{ {_BEHIND} }} }}\n",
                listen="default_server",
            ),
        ),
        url=FAULT,
    ),
    Scenario(
        "nginx removes the Authorization header",
        "http.auth_header_stripped",
        "key and secret work in the form and not in the header, and so the token does not arrive either",
        "workflows 401",
        (Nginx(f'location / {{ {_BEHIND} proxy_set_header Authorization ""; proxy_set_header Host $host; }}'),),
        url=FAULT,
    ),
    Scenario(
        "nginx forbids the API and lets the token endpoint through",
        "http.block_page",
        "a page of the gateway's instead of JSON on every call; the Server itself says 401",
        "workflows 403",
        (Nginx(f"location /webapi/v3/ {{ deny all; }} location / {{ {_BEHIND} }}"),),
        url=FAULT,
    ),
    Scenario(
        "nginx redirects to http, and from there to https",
        "http.redirect_loop",
        "each of the two is right by itself",
        "token 301",
        (
            Nginx(
                "return 301 http://$host$request_uri;",
                http=f"server {{ listen {FAULTY}:80; return 301 https://$host$request_uri; }}\n",
            ),
        ),
        url=FAULT,
    ),
    Scenario(
        "nginx limits the rate of requests",
        "http.rate_limited",
        "the first request passes, the next one is 429",
        "workflows 429",
        (
            Nginx(
                f"location / {{ limit_req zone=one; {_BEHIND} }}",
                http="limit_req_zone $binary_remote_addr zone=one:1m rate=2r/m; limit_req_status 429;\n",
            ),
        ),
        url=FAULT,
    ),
)

SECOND_QUESTIONS = (
    Scenario(
        "a token is good at one address of the name only",
        "token.node_bound",
        "the same call with the same token: 200 at one address, 401 at the other",
        "ok",
        (*_TWO, StandIn(host="pool.lab.test")),
        url=_POOL,
    ),
    Scenario(
        "a netrc file has an entry for the Server",
        "api.auth_overridden",
        "requests would send its login in place of the token; this client does not",
        "ok",
        (NetrcFile("machine ayx.lab.test login somebody password else\n"),),
        status="degraded",
    ),
    Scenario(
        "verification is switched off before a self-signed certificate",
        "tls.self_signed",
        "reported, not stopped at; no credentials are sent",
        "start_tls verify 18",
        (StandIn(certificate="self_signed"),),
        url=FAULT,
        options=("--insecure", "--connect-timeout", "2", "--read-timeout", "3", "--max-time", "30"),
        status="degraded",
    ),
    Scenario(
        f"{SEVERAL_FAULTS}a netrc file, and a wrong secret",
        "token.invalid_client",
        "the file spoils another library's calls; the secret stops this one",
        "token 400",
        (NetrcFile("default login somebody password else\n"),),
        environment={"ALTERYX_CLIENT_SECRET": "0" * 64},
    ),
)

SCENARIOS_PROGRAMS: tuple[Scenario, ...] = (*PROXIES, *BROWSERS_ONLY, *GATEWAYS, *SECOND_QUESTIONS)
