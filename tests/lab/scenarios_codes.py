"""Scenarios for what no other table proves: this machine's limits, disagreeing settings, and warnings."""

from __future__ import annotations

import sys
from pathlib import Path

from lab.faults import (
    Filter,
    ForgetfulFirewall,
    Gateway,
    HostsFile,
    Nameserver,
    NoPortLeft,
    ResolverConfiguration,
    Server,
    StandIn,
    Without,
)
from lab.scenario import FAULT, Scenario
from lab.topology import FAULTY, HEALTHY, NO_NAMESERVER

_WORKING_PROXY = "http://proxy.lab.test:3128"
#: Its sitecustomize.py hides the package.
_WITHOUT_SOCKSIO = Path(__file__).with_name("without_socksio")
_WITHOUT_CONNECT = (sys.executable, str(Path(__file__).with_name("without_connect.py")))

LIMITS = (
    Scenario(
        "the program may not open connections",
        "local.sandbox_denied",
        "EPERM, to itself on loopback as well",
        "connect_tcp EPERM",
        (HostsFile((f"{HEALTHY} ayx.lab.test",)),),
        under=_WITHOUT_CONNECT,
    ),
    Scenario(
        "the program may not open connections, nor ask a nameserver",
        "local.sandbox_denied",
        "a look-up that ends in EAI_AGAIN because its socket cannot connect either is no fault of DNS",
        "connect_tcp EAI_AGAIN",
        under=_WITHOUT_CONNECT,
    ),
    Scenario(
        "every local port is taken",
        "local.ephemeral_ports_exhausted",
        "EADDRNOTAVAIL at once, while the Server answers on the connections that are there",
        "connect_tcp EADDRNOTAVAIL",
        (NoPortLeft(HEALTHY),),
    ),
    Scenario(
        "the Server has IPv6 addresses and the client no IPv6 route",
        None,
        "clients go on to IPv4 without delay: worth a line, no more",
        "ok",
        (Without("default via fd91:1::1"),),
        url="https://dual.lab.test/webapi",
        finds="local.no_ipv6_route",
    ),
)

_SYN = "tcp dport 443 tcp flags & (syn|ack) == syn"
PATHS = (
    Scenario(
        "the Server's listen queue is full now and then",
        "tcp.accept_backlog_full",
        "each connection needs its SYN twice, another port of the Server none: it is no loss on the way",
        "connect_tcp TimeoutError",
        (
            Filter(
                "server",
                "input",
                (f"{_SYN} meter seen {{ tcp sport limit rate over 1/minute burst 1 packets }} accept", f"{_SYN} drop"),
            ),
        ),
        status="degraded",
    ),
    Scenario(
        "large packets to the Server are lost",
        "tcp.mtu_blackhole_upload",
        "the handshake is through, the request with its token is repeated and never acknowledged",
        "receive_response_headers TimeoutError",
        (Filter("router2", "forward", (f"ip daddr {HEALTHY} ip length > 700 drop",)),),
    ),
    Scenario(
        "a firewall forgets idle connections",
        "tcp.stateful_idle_cut",
        "on request: what has just worked is dead after three idle seconds, and nobody was told",
        "ok",
        (ForgetfulFirewall(),),
        options=("--idle", "3", "--read-timeout", "3"),
        status="degraded",
    ),
    Scenario(
        "a gateway accepts every connection and hangs up",
        "tls.fin_on_clienthello",
        "it also accepts at an address that nobody has: the connection itself proves nothing",
        "start_tls UNEXPECTED_EOF_WHILE_READING",
        (Gateway("hello_then_fin"),),
        finds="tcp.transparent_tcp_proxy",
    ),
)

SETTINGS = (
    Scenario(
        "upper and lower case name different proxies",
        "proxy.env_conflict",
        "httpx takes the lower one, which works; what reads the other goes another way",
        "ok",
        environment={"https_proxy": _WORKING_PROXY, "HTTPS_PROXY": "http://old-proxy.lab.test:8080"},
        status="degraded",
    ),
    Scenario(
        "NO_PROXY with a network, and the Server by its address",
        "proxy.no_proxy_ignored",
        "requests and curl go direct, httpx through the proxy; both work here",
        "ok",
        url=f"https://{HEALTHY}/webapi",
        environment={"HTTPS_PROXY": _WORKING_PROXY, "NO_PROXY": "10.91.0.0/16"},
        status="degraded",
    ),
    Scenario(
        "NO_PROXY with an IPv6 network",
        "proxy.no_proxy_crashes_client",
        "httpx takes the prefix length for a port and raises before any packet; InvalidURL comes of a ValueError",
        "ValueError",
        environment={"HTTPS_PROXY": _WORKING_PROXY, "NO_PROXY": "fd91:3::/64"},
    ),
    Scenario(
        "a SOCKS proxy, and no package for it",
        "proxy.socks_dep_missing",
        "httpx raises ImportError before any packet",
        "ModuleNotFoundError",
        environment={"ALL_PROXY": "socks5://proxy.lab.test:1080", "PYTHONPATH": str(_WITHOUT_SOCKSIO)},
    ),
    Scenario(
        "two variables with different authorities",
        "tls.env_ca_not_seen",
        "httpx has the right bundle and works; requests reads the other variable and refuses",
        "ok",
        environment={"SSL_CERT_FILE": "{root of good}", "REQUESTS_CA_BUNDLE": "{root of self_signed}"},
        status="degraded",
    ),
)

CERTIFICATES = (
    Scenario(
        "the right authority in the variable of another library",
        "tls.env_ca_not_seen",
        "requests would work with its variable; this client comes to SSL_CERT_FILE first",
        "start_tls verify 20",
        environment={
            "ALTERYX_CA_BUNDLE": "",
            "SSL_CERT_FILE": "{root of self_signed}",
            "REQUESTS_CA_BUNDLE": "{root of good}",
        },
    ),
    Scenario(
        "a certificate without alternative names",
        "tls.cn_only",
        "httpx takes the common name, requests does not",
        "ok",
        (
            StandIn(certificate="cn_only", host="ayx.lab.test"),
            Nameserver({"ayx.lab.test": FAULTY}),
            ResolverConfiguration((NO_NAMESERVER,)),
        ),
        status="degraded",
    ),
    Scenario(
        "the Server by its address, and a certificate for names",
        "tls.ip_mismatch",
        "verify code 64: the address is not among the names",
        "start_tls verify 64",
        (StandIn(certificate="wrong_host", host=FAULTY),),
        url=f"https://{FAULTY}/webapi",
    ),
)

ANSWERS = (
    Scenario(
        "a port that speaks HTTP/2 only",
        "http.not_http1",
        "the first bytes are a SETTINGS frame, where a status line belongs",
        "receive_response_headers RemoteProtocolError",
        (Server("http_2_only", "good"),),
        url=FAULT,
    ),
    Scenario(
        "plain HTTP, and leave to send the secret over it",
        "token.plaintext",
        "everything works, and everybody on the way can read it",
        "ok",
        (StandIn(certificate=None),),
        url="http://fault.lab.test/webapi",
        options=("--allow-http",),
        status="degraded",
    ),
    Scenario(
        "plain HTTP, and no leave to send the secret over it",
        "token.plaintext",
        "a warning by the catalogue: the Server is there, the secret stays here, the API is not tried",
        "ok",
        (StandIn(certificate=None),),
        url="http://fault.lab.test/webapi",
        status="degraded",
    ),
    Scenario(
        "a token that is good for no time",
        "token.bad_lifetime",
        "expires_in is 0; the token works",
        "ok",
        (StandIn(("token.bad_lifetime",)),),
        url=FAULT,
        status="degraded",
    ),
)

SCENARIOS_CODES: tuple[Scenario, ...] = (*LIMITS, *PATHS, *SETTINGS, *CERTIFICATES, *ANSWERS)
