"""Rules of the stages up to TCP: for every code observations that reach it, and a look-alike that must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ayx_diagnostics.evidence import Evidence
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules import RULES, find

V4, V6, LOCAL = "10.0.0.7", "fd00::7", "10.0.0.5"
HOST = "server.lab.test"
NS = "10.0.0.53"
PROXY = "http://proxy.lab.test:3128"

Case = tuple[str, list[Observation], list[Observation]]


def o(what: str, outcome: str = "ok", target: str = "", duration_s: float = 0.01, **evidence: Any) -> Observation:
    stage, _, operation = what.partition(".")
    return Observation(stage, operation, target, 0.0, duration_s, outcome, evidence)  # type: ignore[arg-type]  # stage by name


def connect(
    outcome: str = "ok", address: str = V4, port: int = 443, duration_s: float = 0.01, **more: Any
) -> Observation:
    shown = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    evidence = {"address": address, "port": port, "local_address": LOCAL, "timeout_s": 5.0, "immediate": False, **more}
    return o("tcp.connect", outcome, shown, duration_s, **evidence)


def icmp(kind: int, code: int, offender: str, origin: str = "icmp") -> dict[str, Any]:
    return {"type": kind, "code": code, "offender": offender, "origin": origin}


def lookup(outcome: str = "ok", *addresses: str, duration_s: float = 0.01, host: str = HOST) -> Observation:
    return o("dns.system_lookup", outcome, host, duration_s, addresses=list(addresses), text="[said by the system]")


def query(outcome: str, rdtype: str = "A", nameserver: str = NS, **more: Any) -> Observation:
    evidence = {"name": HOST, "rdtype": rdtype, "nameserver": nameserver, "transport": "udp", "purpose": "address"}
    return o(
        "dns.query", outcome, f"{HOST} {rdtype} @{nameserver}", 3.0 if outcome == "timeout" else 0.01, **evidence | more
    )


def select(outcome: str = "direct", **more: Any) -> Observation:
    return o("proxy.select", outcome, f"https://{HOST}/webapi", **more)


def through_proxy(*seen: Observation) -> list[Observation]:
    return [select("proxy", proxy=PROXY, origin="HTTPS_PROXY"), *seen]


def tunnel(outcome: str = "ok", duration_s: float = 0.02, **more: Any) -> Observation:
    return o("proxy.tunnel", outcome, f"{HOST}:443", duration_s, **{"proxy": PROXY, "candidate": False} | more)


def refused_tunnel(status: int, **more: Any) -> list[Observation]:
    return through_proxy(o("proxy.connect", target="10.0.0.9:3128"), tunnel("status", status=status, **more))


def ladder(outcome: str, *hops: tuple[int, str | None], target: str = f"{V4}:443", **more: Any) -> Observation:
    listed = [{"ttl": ttl, "responder": who, "icmp_type": 11 if who else None, "icmp_code": 0} for ttl, who in hops]
    last = next((who for _, who in reversed(hops) if who), None)
    return o("tcp.path", outcome, target, hops=listed, last_responder=last, **more)


def patient(outcome: str, duration_s: float) -> Observation:
    more = {"icmp": icmp(3, 1, "10.0.1.2")} if outcome == "host_unreachable" else {}
    return replace(connect(outcome, duration_s=duration_s, purpose="patience", **more), operation="control")


def handshake(outcome: str = "ok", duration_s: float = 0.05, **more: Any) -> Observation:
    evidence = {"server_name": HOST, "purpose": "client", "via_proxy": False, "bytes_received": 0, "bytes_sent": 517}
    return o("tls.handshake", outcome, f"{V4}:443", duration_s, **evidence | more)


def stuck(**more: Any) -> Observation:
    return handshake("timeout", 5.0, tcp_info={"unacked": 1, "total_retrans": 4, "bytes_acked": 1}, **more)


def asked(outcome: str, purpose: str = "", **tcp_info: int) -> Observation:
    what = "http.get" if purpose else "token.request"
    return o(what, outcome, f"https://{HOST}/", 5.0, purpose=purpose, verified=True, status=200, tcp_info=tcp_info)


def series(purpose: str = "server", *, repeats: list[int]) -> Observation:
    evidence = {"address": V4, "port": 443, "purpose": purpose, "attempts": 12, "answered": len(repeats)}
    return o("tcp.series", "ok", f"{V4}:443", repeats=repeats, **evidence)


def problem(code: str) -> list[Observation]:
    listed = [{"code": code, "setting": "base_url", "origin": "ALTERYX_BASE_URL", "message": "what is wrong"}]
    return [o("config.read_settings", "problem", problems=listed)]


def silent_query() -> Observation:
    return query("timeout")


FINE = [o("config.read_settings"), select(), lookup("ok", V4), connect()]

CONFIG: list[Case] = [
    (code, problem(code), FINE)
    for rule in RULES["config"]
    for code in rule.codes
    if rule.conclude.__name__ == "reported"
] + [
    ("config.host_label_invalid", [lookup("label_invalid", host="a..b")], [lookup("noname", host="a.b")]),
    (
        "config.wrong_product",
        [o("http.get", target="https://x/", status=404, body_start='{"exception":"RouteNotFoundException"}')],
        [o("http.get", target="https://x/", status=404, body_start="not found")],
    ),
    (
        "config.wrong_product",
        [o("config.read_settings", host="us1.alteryxcloud.com")],
        [o("config.read_settings", host="alteryxcloud.com.example.org")],
    ),
]


def source(outcome: str, address: str) -> Observation:
    return o("local.source_address", outcome, address, address=address)


NET_UNREACHABLE = connect("net_unreachable", immediate=True, errno=101, errno_name="ENETUNREACH")
LOCAL_CASES: list[Case] = [
    ("local.no_interface_or_route", [NET_UNREACHABLE], [connect("net_unreachable", icmp=icmp(3, 0, "10.0.0.1"))]),
    (
        "local.no_interface_or_route",
        [lookup("again"), query("unreachable"), query("unreachable", "AAAA")],
        [lookup("again"), query("unreachable"), query("timeout", "AAAA")],
    ),
    (
        "local.no_ipv6_route",
        [connect(), connect("net_unreachable", V6, immediate=True)],
        [connect(), connect("timeout", V6)],
    ),
    (
        "local.prohibit_route",
        [connect("permission_denied", immediate=True), o("local.loopback_connect")],
        [connect("permission_denied", V6, icmp=icmp(1, 1, "fd00::1", "icmp6"))],
    ),
    ("local.blackhole_route", [connect("invalid_argument", immediate=True)], [connect("timeout")]),
    (
        "local.unreachable_route",
        [connect("host_unreachable", immediate=True)],
        [connect("host_unreachable", duration_s=3.1, icmp=icmp(3, 1, "10.0.0.1"))],
    ),
    (
        "local.firewall_reject",
        [connect("host_unreachable", icmp=icmp(3, 13, LOCAL))],
        [connect("host_unreachable", icmp=icmp(3, 13, "10.0.0.1"))],
    ),
    (
        "local.firewall_drop",
        [
            connect("timeout"),
            ladder("silent", (1, None), (2, None)),
            ladder("silent", (1, "10.0.0.1"), (2, None), target=f"{V4}:80"),
        ],
        [connect("timeout"), ladder("silent", (1, None)), ladder("silent", (1, None), target=f"{V4}:80")],
    ),
    (
        "local.firewall_drop",
        [lookup("again"), query("unreachable", errno_name="EPERM"), query("unreachable", "AAAA", errno_name="EPERM")],
        [lookup("again"), query("unreachable", errno_name="ENETUNREACH")],
    ),
    (
        "local.sandbox_denied",
        [o("local.loopback_connect", "not_permitted", "127.0.0.1"), connect("not_permitted")],
        [o("local.loopback_connect", "ok", "127.0.0.1"), connect("permission_denied", immediate=True)],
    ),
    ("local.ephemeral_ports_exhausted", [connect("address_not_available")], [connect("invalid_argument")]),
    (
        "local.no_ipv6_route",  # IPv6 is switched off: the system has no address to send from
        [connect("address_not_available", V6), source("address_not_available", V6), source("ok", "192.0.2.1")],
        [connect("address_not_available", V6), source("ok", V6), source("ok", "192.0.2.1")],
    ),
    (
        "local.ephemeral_ports_exhausted",
        [connect("address_not_available", V6), source("ok", V6)],
        [connect("address_not_available", V6), source("address_not_available", V6), source("ok", "192.0.2.1")],
    ),
    (
        "local.firewall_reject",
        [connect("refused"), o("local.departure", "stayed", f"{V4}:443", sent=5, transmitted=0, looped=5)],
        [connect("refused"), o("local.departure", "ok", f"{V4}:443", sent=5, transmitted=5, looped=0)],
    ),
    ("local.fd_limit", [connect("too_many_files")], [connect("address_not_available")]),
    (
        "local.clock_skew",
        [o("local.clock", "skewed", HOST, skew_s=259200.0, date="Tue, 01 Jul 2025 10:00:00 GMT")],
        [o("local.clock", "ok", HOST, skew_s=3.0)],
    ),
]

SPLIT_WAYS = {"httpx": PROXY, "requests": "direct", "urllib": "direct", "curl": "direct"}
PROXY_CASES: list[Case] = [
    (
        "proxy.not_configured_but_needed",
        [select(), lookup("ok", V4), connect("timeout"), tunnel(candidate=True)],
        [select(), lookup("ok", V4), connect(), tunnel(candidate=True)],
    ),
    (
        "proxy.configured_but_unneeded",
        [*refused_tunnel(503), connect()],
        [*refused_tunnel(503), connect("timeout")],
    ),
    (
        "proxy.no_proxy_ignored",
        [select("proxy", no_proxy=".server.lab.test", by_library=SPLIT_WAYS)],
        [select("proxy", no_proxy="other.test", by_library=dict.fromkeys(SPLIT_WAYS, PROXY))],
    ),
    (
        "proxy.no_proxy_crashes_client",
        [
            select(
                "invalid",
                no_proxy="[::1],a",
                by_library={"httpx": "error: Invalid port: ':1]'"},
                message="Invalid port",
            )
        ],
        [select("invalid", no_proxy="::1,a", by_library={"httpx": "error: Unknown scheme"}, message="Unknown scheme")],
    ),
    ("proxy.url_invalid", [select("invalid", origin="HTTPS_PROXY", message="Invalid port")], [select("direct")]),
    (
        "proxy.name_not_resolved",
        through_proxy(o("proxy.resolve", "noname", "proxy.lab.test")),
        through_proxy(o("proxy.resolve", "ok", "proxy.lab.test"), o("proxy.connect"), tunnel()),
    ),
    (
        "proxy.refused_or_unreachable",
        through_proxy(o("proxy.connect", "refused", "127.0.0.1:9", address="127.0.0.1", port=9)),
        through_proxy(o("proxy.connect", "ok", "127.0.0.1:9"), tunnel("timeout")),
    ),
    ("proxy.auth_required", refused_tunnel(407, proxy_authenticate=['Basic realm="x"', "NTLM"]), refused_tunnel(403)),
    ("proxy.denied", refused_tunnel(403, x_squid_error="ERR_ACCESS_DENIED 0"), refused_tunnel(407)),
    (
        "proxy.upstream_dns_fail",
        refused_tunnel(503, x_squid_error="ERR_DNS_FAIL 0"),
        refused_tunnel(503, x_squid_error="ERR_CONNECT_FAIL 110"),
    ),
    (
        "proxy.upstream_timeout",
        refused_tunnel(503, x_squid_error="ERR_CONNECT_FAIL 110"),
        refused_tunnel(502, x_squid_error="ERR_SECURE_CONNECT_FAIL 71"),
    ),
    ("proxy.bad_gateway", refused_tunnel(502), refused_tunnel(504)),
    ("proxy.connect_not_allowed", refused_tunnel(405, server="nginx"), refused_tunnel(403)),
    ("proxy.connect_redirect", refused_tunnel(302, location="https://portal/login"), refused_tunnel(405)),
    ("proxy.connect_silent", through_proxy(tunnel("timeout")), through_proxy(tunnel("closed"))),
    ("proxy.closes_after_connect", through_proxy(tunnel("reset")), through_proxy(tunnel("timeout"))),
    ("proxy.not_http", through_proxy(tunnel("not_http", first_bytes="SSH-2.0-x")), through_proxy(tunnel("closed"))),
    ("proxy.scheme_mismatch", through_proxy(tunnel("timeout", phase="tls")), through_proxy(tunnel("timeout"))),
    (
        "proxy.socks_dep_missing",
        [select("invalid", scheme="socks5", proxy="socks5://p:1080", message="needs the package socksio")],
        [select("invalid", scheme="http", proxy=PROXY, message="Invalid port")],
    ),
    (
        "proxy.tunnel_cut_on_clienthello",
        through_proxy(tunnel(), handshake("reset", via_proxy=True)),
        through_proxy(tunnel(), handshake("alert", via_proxy=True, bytes_received=7)),
    ),
    (
        "proxy.html_after_200",
        through_proxy(tunnel(), handshake("not_tls", via_proxy=True, first_bytes="HTTP/1.1 403 Forbidden")),
        [handshake("not_tls", first_bytes="HTTP/1.1 400 Bad Request")],
    ),
    (
        "proxy.pac_only",
        [select(candidates=[{"proxy": "http://wpad/wpad.dat", "origin": "system PAC"}])],
        [select(candidates=[{"proxy": PROXY, "origin": "system"}])],
    ),
    (
        "proxy.env_conflict",
        [select(variables={"HTTPS_PROXY": PROXY, "https_proxy": ""})],
        [select(variables={"HTTPS_PROXY": PROXY, "https_proxy": PROXY})],
    ),
]

TWO = [o("dns.resolver_config", nameservers=["10.0.0.1", NS])]
DNS_CASES: list[Case] = [
    ("dns.nxdomain", [lookup("noname"), query("nxdomain")], [lookup("noname"), query("formerr")]),
    ("dns.nxdomain", [lookup("noname")], [lookup("again")]),
    (
        "dns.nodata",
        [lookup("nodata"), query("nodata"), query("nodata", "AAAA")],
        [lookup("again"), query("servfail"), query("nodata", "AAAA")],
    ),
    ("dns.servfail", [lookup("again"), query("servfail")], [lookup("again"), query("refused")]),
    ("dns.refused", [lookup("again"), query("refused")], [lookup("again"), query("servfail")]),
    ("dns.formerr_or_notimp", [lookup("noname"), query("formerr")], [lookup("noname"), query("nxdomain")]),
    ("dns.timeout", [lookup("again", duration_s=10.0), silent_query()], [lookup("again"), query("port_closed")]),
    (
        "dns.port_closed",
        [lookup("again"), query("port_closed", nameserver="127.0.0.53")],
        [lookup("again"), silent_query()],
    ),
    (
        "dns.first_ns_dead",
        [*TWO, lookup("ok", V4, duration_s=5.0), query("timeout", nameserver="10.0.0.1"), query("ok", addresses=[V4])],
        [*TWO, lookup("ok", V4, duration_s=5.0), query("ok", nameserver="10.0.0.1", addresses=[V4]), silent_query()],
    ),
    (
        "dns.slow_aaaa",
        [lookup("ok", V4, duration_s=15.0), query("ok", addresses=[V4]), query("timeout", "AAAA")],
        [lookup("ok", V4), query("ok", addresses=[V4]), query("nodata", "AAAA")],
    ),
    (
        "dns.tcp53_blocked",
        [lookup("again"), query("truncated"), query("timeout", purpose="tcp_retry", transport="tcp")],
        [lookup("again"), query("truncated"), query("ok", purpose="tcp_retry", transport="tcp")],
    ),
    (
        "dns.tcp53_blocked",
        [lookup("again"), query("truncated"), query("port_closed", purpose="tcp_retry", transport="tcp")],
        [lookup("again"), query("truncated"), query("nodata", "AAAA", purpose="tcp_retry", transport="tcp")],
    ),
    (
        "dns.no_resolver_config",
        [lookup("again"), o("dns.resolver_config", "empty", source="/etc/resolv.conf")],
        [lookup("ok", V4), o("dns.resolver_config", "empty")],
    ),
    (
        "dns.split_horizon_mismatch",
        [
            lookup("ok", "203.0.113.9"),
            query("ok", addresses=["203.0.113.9"]),
            query("ok", "A", "10.0.0.54", addresses=[V4]),
        ],
        [lookup("ok", V4), query("ok", addresses=["10.9.0.1"]), query("ok", "A", "10.0.0.54", addresses=[V4])],
    ),
    (
        "dns.cname_to_nowhere",
        [lookup("noname"), query("nxdomain", cnames=[[HOST, "gone.cdn.test"]])],
        [lookup("noname"), query("nxdomain", cnames=[])],
    ),
    (
        "dns.cname_loop",
        [lookup("noname"), query("nodata", cnames=[["a", "b"], ["b", "a"]], cname_loop=True)],
        [lookup("noname"), query("nxdomain", cnames=[["a", "b"]], cname_loop=False)],
    ),
    (
        "dns.sinkhole",
        [lookup("ok", "0.0.0.0"), query("ok", addresses=["0.0.0.0"]), connect("refused", "0.0.0.0")],
        [lookup("ok", "127.0.0.1", host="localhost"), connect("refused", "127.0.0.1")],
    ),
    (
        "dns.hosts_override",
        [lookup("ok", "10.9.9.9"), o("dns.hosts_file", addresses=["10.9.9.9"]), query("ok", addresses=[V4]), connect()],
        [lookup("ok", V4), o("dns.hosts_file", addresses=[V4]), query("ok", addresses=[V4]), connect()],
    ),
    (
        "dns.split_horizon_mismatch",
        [lookup("ok", V4), query("ok", addresses=[V4]), query("ok", nameserver="9.9.9.9", addresses=["8.8.4.4"])],
        [lookup("ok", V4), query("ok", addresses=[V4]), query("ok", nameserver="9.9.9.9", addresses=["10.0.0.8"])],
    ),
    (
        "dns.nxdomain_hijack",
        [lookup("ok", V4), query("ok", purpose="random_label", addresses=[V4])],
        [lookup("ok", V4), query("nxdomain", purpose="random_label")],
    ),
    (
        "dns.search_suffix_trap",
        [lookup("ok", V4), query("nxdomain", purpose="absolute")],
        [lookup("ok", V4), query("ok", purpose="absolute", addresses=[V4])],
    ),
    (
        "dns.stale_or_partial_set",
        [lookup("ok", V4, "10.0.0.8"), connect(), connect("timeout", "10.0.0.8")],
        [lookup("ok", V4, V6), connect(), connect("timeout", V6)],
    ),
    ("dns.wrong_id_or_spoof", [lookup("again"), query("wrong_id")], [lookup("again"), silent_query()]),
]

TCP_CASES: list[Case] = [
    (
        "tcp.syn_dropped",
        [lookup("ok", V4), connect("timeout"), ladder("silent", (1, "10.0.0.1"), (2, "10.0.1.2"), (3, None))],
        [lookup("ok", V4), connect("refused")],
    ),
    (
        "tcp.rejected_icmp_admin",
        [connect("host_unreachable", icmp=icmp(3, 13, "10.0.1.2"))],
        [connect("host_unreachable", icmp=icmp(3, 1, "10.0.1.2"))],
    ),
    (
        "tcp.rejected_icmp_admin",
        [connect("permission_denied", V6, icmp=icmp(1, 1, "fd00::1", "icmp6"))],
        [connect("permission_denied", immediate=True)],
    ),
    (
        "tcp.no_route_icmp",
        [connect("net_unreachable", icmp=icmp(3, 0, "10.0.1.2"))],
        [connect("net_unreachable", immediate=True)],
    ),
    (
        "tcp.dead_host",
        [connect("host_unreachable", duration_s=3.1, icmp=icmp(3, 1, "10.0.1.2"))],
        [connect("host_unreachable", duration_s=0.02, icmp=icmp(3, 1, "10.0.1.2"))],
    ),
    ("tcp.refused_by_host", [connect("refused")], [connect("refused", icmp=icmp(3, 3, "10.0.1.2"))]),
    (
        "tcp.refused_by_middlebox",
        [connect("refused", icmp=icmp(3, 3, "10.0.1.2"))],
        [connect("refused", icmp=icmp(3, 3, V4))],
    ),
    (
        "tcp.refused_by_middlebox",
        [connect("refused"), ladder("ok", reached_ttl=1), ladder("ok", target=f"{V4}:80", reached_ttl=3)],
        [connect("refused"), ladder("ok", reached_ttl=3), ladder("ok", target=f"{V4}:80", reached_ttl=3)],
    ),
    (
        "tcp.refused_by_middlebox",  # no port says how far the host is; the routers of a datagram go further
        [connect("refused"), ladder("ok", reached_ttl=2), ladder("silent", (1, "r"), (2, "r"), target=f"{V4}:33434")],
        [connect("refused"), ladder("ok", reached_ttl=3), ladder("silent", (1, "r"), (2, "r"), target=f"{V4}:33434")],
    ),
    (
        "tcp.dead_host",
        [connect("timeout", timeout_s=2.0), patient("host_unreachable", 2.4)],
        [connect("timeout", timeout_s=2.0), patient("timeout", 4.2)],
    ),
    (
        "tcp.routing_loop",
        [connect("timeout"), ladder("silent", (1, "a"), (2, None), (3, "a"), (4, None), (5, "a"))],
        [connect("timeout"), ladder("silent", (1, "a"), (2, "a"), (3, "a"), (4, "a"), (5, "a"))],
    ),
    ("tcp.refused_localhost", [connect("refused", "127.0.0.1")], [connect("refused")]),
    ("tcp.proto_unreachable", [connect("protocol_unreachable", icmp=icmp(3, 2, "10.0.1.2"))], [connect("refused")]),
    (
        "tcp.ipv6_blackhole",
        [connect("timeout", V6), connect()],
        [connect("timeout", V6), connect("timeout")],
    ),
    (
        "tcp.path_died_in_flight",
        [connect(), handshake(), asked("timeout", unacked=2, total_retrans=6)],
        [connect(), handshake(), asked("timeout", unacked=0, total_retrans=1)],
    ),
    (
        "tcp.path_died_in_flight",  # ... whatever is sent
        [connect(), stuck(), stuck(purpose="no_sni"), asked("timeout", "plain_http", unacked=1, total_retrans=4)],
        [connect(), stuck(), stuck(purpose="no_sni"), asked("timeout", "plain_http", unacked=0, total_retrans=0)],
    ),
    (
        "tcp.mtu_blackhole_upload",
        [
            connect(),
            asked("timeout", unacked=1, total_retrans=6),
            asked("timeout", "large_request", unacked=2, total_retrans=4),
            asked("ok", "large_in_small_segments"),
        ],
        [
            connect(),
            asked("timeout", unacked=1, total_retrans=6),
            asked("ok", "large_request"),
            asked("ok", "large_in_small_segments"),
        ],
    ),
    (
        "tcp.loss_or_throttle",
        [connect(), series(repeats=[0, 1, 0, 2] * 3), series("other_port", repeats=[0, 0, 0, 1] * 3)],
        [connect(), series(repeats=[0, 1, 0, 2] * 3), series("other_port", repeats=[0] * 12)],
    ),
    (
        "tcp.accept_backlog_full",
        [connect(), series(repeats=[1] * 12), series("other_port", repeats=[1] * 12)],
        [connect(), series(repeats=[0] * 12), series("other_port", repeats=[1] * 12)],
    ),
    ("tcp.accept_backlog_full", [connect(duration_s=1.05)], [connect(duration_s=0.6)]),
    (
        "tcp.accept_backlog_full",
        [connect(duration_s=2.05, tcp_info={"total_retrans": 2})],
        [connect(duration_s=1.05, tcp_info={"total_retrans": 0})],
    ),
    (
        "tcp.reset_after_accept",
        [connect(), handshake("reset"), o("tcp.quiet", "reset", f"{V4}:443", waited_s=0.01)],
        [connect(), handshake("reset"), o("tcp.quiet", "ok", f"{V4}:443", waited_s=0.7)],
    ),
    ("tcp.reset_after_accept", [connect("reset")], [connect("refused")]),
    (
        "tcp.stateful_idle_cut",
        [connect(), o("tcp.idle", "timeout", f"{V4}:443", 3.0, address=V4, port=443, idle_s=300.0)],
        [connect(), o("tcp.idle", "closed", f"{V4}:443", 0.01, address=V4, port=443, idle_s=300.0)],
    ),
    (
        "tcp.mtu_blackhole",
        [
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 0}),
            handshake("ok", purpose="small_segments", bytes_received=3000, tcp_info={"snd_mss": 1200}),
        ],
        [
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 0}),
            handshake("timeout", purpose="small_segments", tcp_info={"snd_mss": 1200}),
        ],
    ),
    (
        "tcp.mtu_blackhole",
        [
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 0}),
            handshake("ok", purpose="small_segments", bytes_received=3000, tcp_info={"snd_mss": 1200}),
            handshake("timeout", purpose="again", tcp_info={"snd_mss": 1448, "unacked": 0}),
        ],
        [  # what was slow once and works the next time, in whatever segments, lost no large packets
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 0}),
            handshake("ok", purpose="small_segments", bytes_received=3000, tcp_info={"snd_mss": 1200}),
            handshake("ok", purpose="again", bytes_received=3000, tcp_info={"snd_mss": 1448}),
        ],
    ),
    (
        "tcp.mtu_blackhole_upload",
        [
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 1}),
            handshake("ok", purpose="small_segments", bytes_received=3000, tcp_info={"snd_mss": 1200}),
        ],
        [
            handshake("timeout", tcp_info={"snd_mss": 1448, "unacked": 1}),
            handshake("ok", purpose="no_sni", server_name=None, bytes_received=3000),
        ],
    ),
    (
        "tcp.transparent_tcp_proxy",
        [o("tcp.control", "ok", "192.0.2.1:443", address="192.0.2.1", port=443)],
        [o("tcp.control", "ok", f"{V4}:80", address=V4, port=80, purpose="other_port")],
    ),
    (
        "tcp.routing_loop",
        [connect("host_unreachable", icmp=icmp(11, 0, "10.0.1.2"))],
        [connect("timeout"), ladder("silent", (1, "10.0.0.1"), (2, "10.0.1.2"))],
    ),
]

CASES = [*CONFIG, *LOCAL_CASES, *PROXY_CASES, *DNS_CASES, *TCP_CASES]
STAGES = ("config", "local", "proxy", "dns", "tcp")


@pytest.mark.parametrize(("code", "seen", "alike"), CASES, ids=[code for code, _, _ in CASES])
def test_a_code_is_concluded_from_its_evidence_and_not_from_its_look_alike(
    code: str, seen: list[Observation], alike: list[Observation], as_recorded: Callable[[Sequence[Finding]], None]
) -> None:
    found = find(seen)
    assert found, "nothing was concluded"
    assert found[0].code == code, [finding.code for finding in found]
    assert found[0].because
    assert found[0].fix
    as_recorded(found)
    assert code not in {finding.code for finding in find(alike)}


def test_every_code_of_these_stages_has_a_case() -> None:
    concluded = {code for stage in STAGES for rule in RULES[stage] for code in rule.codes}  # type: ignore[index]  # literal names
    concluded = {code for code in concluded if code.partition(".")[0] in STAGES}
    assert concluded == {code for code, _, _ in CASES}, "each needs a row of CASES; then `make record` has its words"


def test_nothing_is_found_where_everything_works() -> None:
    assert find(FINE) == ()


def test_a_drop_names_the_last_hop_and_what_to_open() -> None:
    found = find(
        [
            lookup("ok", V4),
            connect("timeout"),
            ladder("silent", (1, "10.0.0.1"), (2, "10.0.1.2"), (3, None)),
            o("tcp.control", "ok", f"{V4}:80", address=V4, port=80, purpose="other_port"),
        ]
    )[0]
    assert found.confidence == "certain"
    assert "10.0.1.2" in " ".join(found.because)
    assert any(f"from {LOCAL} to {V4}:443" in step.step and step.owner == "network" for step in found.fix)
    assert any("10.0.0.7:80" in sentence for sentence in found.ruled_out)
    assert any("server.lab.test resolves" in sentence for sentence in found.ruled_out)


def test_nothing_is_ruled_out_that_was_not_tested() -> None:
    found = find([connect("timeout")])[0]
    assert not any("DNS" in sentence or "first router" in sentence for sentence in found.ruled_out)
    assert found.confidence != "certain"


def test_the_cost_of_a_dead_ipv6_address_is_the_connect_timeout() -> None:
    found = find([lookup("ok", V6, V4), connect("timeout", V6), connect()])[0]
    assert found.severity == "warning"
    assert "5 s" in " ".join(found.because)


def test_a_dead_name_hides_what_follows_from_it() -> None:
    found = find([lookup("noname"), query("nxdomain"), connect("timeout", "10.0.0.99")])
    assert [finding.code for finding in found] == ["dns.nxdomain"]


def test_a_refusing_proxy_with_a_working_direct_path_says_both() -> None:
    found = find([*refused_tunnel(403, x_squid_error="ERR_ACCESS_DENIED 0"), lookup("ok", V4), connect()])
    assert [(finding.code, finding.severity) for finding in found] == [
        ("proxy.configured_but_unneeded", "error"),
        ("proxy.denied", "info"),
    ]
    assert f"NO_PROXY={HOST}" in " ".join(step.step for step in found[0].fix)


def test_a_proxy_that_wants_windows_sign_in_is_not_answered_with_a_password() -> None:
    found = find(refused_tunnel(407, proxy_authenticate=["Negotiate", "NTLM"]))[0]
    assert "px or cntlm" in found.fix[0].step


def test_the_direct_path_is_no_cause_behind_a_proxy() -> None:
    seen = [*through_proxy(o("proxy.connect"), tunnel("timeout")), lookup("noname"), connect("timeout")]
    assert [finding.code for finding in find(seen)] == ["proxy.connect_silent"]


def test_a_needed_proxy_excuses_this_machines_own_firewall() -> None:
    seen = [select(), lookup("ok", V4), connect("host_unreachable", icmp=icmp(3, 13, LOCAL)), tunnel(candidate=True)]
    assert [finding.code for finding in find(seen)] == ["proxy.not_configured_but_needed"]


def test_a_failing_candidate_proxy_colours_nothing() -> None:
    assert find([*FINE, tunnel("status", status=407, candidate=True)]) == ()


def test_two_settings_may_be_wrong_at_once() -> None:
    problems = [
        {"code": "config.whitespace", "setting": name, "origin": "environment", "message": "ends in a line end"}
        for name in ("client_id", "client_secret")
    ]
    assert len(find([o("config.read_settings", "problem", problems=problems)])) == 2


def test_an_unknown_settings_code_becomes_the_general_one() -> None:
    assert find(problem("config.no_such_code"))[0].code == "config.setting_invalid"


def test_evidence_knows_the_case() -> None:
    evidence = Evidence([lookup("ok", V4), connect("timeout"), connect(address=V6)])
    assert (evidence.host, evidence.port, evidence.route) == (HOST, 443, "direct")
    assert evidence.addresses == (V4, V6)
    assert evidence.first("tcp", "connect", address=V6) is evidence.last("tcp", outcome="ok")
    assert [seen.outcome for seen in evidence.all("tcp")] == ["timeout", "ok"]


EPERM = {"errno_name": "EPERM", "immediate": True}
SECOND = "10.0.0.54"
V4_TOO = "10.0.0.8"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        # a question to the nameserver that this machine itself does not let out, and who says so
        ("local.firewall_drop", [lookup("again"), query("unreachable", **EPERM)]),
        ("local.firewall_reject", [lookup("again"), query("unreachable", icmp=icmp(3, 13, LOCAL), **EPERM)]),
        ("local.prohibit_route", [lookup("again"), query("unreachable", errno_name="EACCES", immediate=True)]),
        ("local.blackhole_route", [lookup("again"), query("unreachable", errno_name="EINVAL", immediate=True)]),
        ("local.unreachable_route", [lookup("again"), query("unreachable", errno_name="EHOSTUNREACH", immediate=True)]),
        (
            "local.no_interface_or_route",
            [lookup("again"), query("unreachable", errno_name="ENETUNREACH", immediate=True)],
        ),
        (
            "local.no_interface_or_route",
            [
                lookup("again"),
                query("timeout", nameserver="127.0.0.53"),
                o("local.loopback_connect", "timeout", "127.0.0.1"),
            ],
        ),
        # the same errors, said by a router or by a neighbour search that took seconds
        (
            "dns.timeout",
            [
                lookup("again"),
                query("unreachable", errno_name="ENETUNREACH", immediate=False, icmp=icmp(3, 0, "10.0.0.1")),
            ],
        ),
        ("dns.timeout", [lookup("again"), query("unreachable", errno_name="EHOSTUNREACH", immediate=False)]),
        # one nameserver is stopped here, another one answers
        (
            "dns.nxdomain",
            [lookup("noname"), query("unreachable", **EPERM), query("nxdomain", nameserver=SECOND)],
        ),
        # no address of one family, and nobody knows of the other
        ("dns.servfail", [lookup("nodata"), query("nodata"), query("servfail", "AAAA")]),
        ("dns.slow_aaaa", [lookup("nodata", duration_s=3.0), query("nodata"), query("timeout", "AAAA")]),
        # a nameserver that answers one of the questions is not silent
        ("dns.nodata", [lookup("nodata"), query("nodata"), query("timeout", nameserver=SECOND)]),
        (
            "dns.first_ns_dead",
            [
                o("dns.resolver_config", nameservers=[NS, SECOND]),
                lookup("ok", V4, duration_s=5.0),
                query("wrong_id"),
                query("ok", nameserver=SECOND, addresses=[V4]),
            ],
        ),
        (
            "dns.search_suffix_trap",
            [
                lookup("ok", V4),
                o("dns.resolver_config", nameservers=[NS], search=["corp.test"]),
                o("dns.hosts_file", "absent", HOST),
                query("nxdomain"),
                query("ok", name=f"{HOST}.corp.test", purpose="search", addresses=[V4]),
                connect("refused"),
            ],
        ),
        # both families are published and fail in different ways
        ("tcp.syn_dropped", [connect("timeout"), connect("permission_denied", V6, immediate=True)]),
        ("tcp.syn_dropped", [connect("timeout"), connect("host_unreachable", V6, icmp=icmp(1, 1, V6 + "1", "icmp6"))]),
        ("local.blackhole_route", [connect("invalid_argument", immediate=True), connect("timeout", V6)]),
        # a part of the addresses is dead, however that shows
        (
            "dns.stale_or_partial_set",
            [connect(), connect("host_unreachable", V4_TOO, duration_s=3.1, icmp=icmp(3, 1, "10.0.0.1"))],
        ),
        ("dns.stale_or_partial_set", [connect(), connect("host_unreachable", V4_TOO, icmp=icmp(3, 13, "10.0.0.1"))]),
        ("dns.stale_or_partial_set", [connect("timeout"), connect(address=V6)]),
        ("dns.stale_or_partial_set", [connect(), connect("refused", V6)]),
        # a router tells of one packet in many that it has no route
        (
            "tcp.no_route_icmp",
            [
                connect("timeout"),
                ladder("silent", (1, None)),
                o("tcp.control", "net_unreachable", f"{V4}:80", address=V4, port=80, icmp=icmp(3, 0, "10.0.0.1")),
            ],
        ),
        (
            "tcp.no_route_icmp",
            [
                connect("timeout"),
                ladder("silent", (1, None)),
                o(
                    "tcp.path",
                    "silent",
                    f"{V4}:80",
                    hops=[{"ttl": 2, "responder": "10.0.0.1", "icmp_type": 3, "icmp_code": 0}],
                ),
            ],
        ),
        ("tcp.refused_localhost", [connect("refused", LOCAL)]),
    ],
    ids=str,
)
def test_who_is_to_blame_where_faults_meet_or_look_alike(code: str, seen: list[Observation]) -> None:
    assert find(seen)[0].code == code


SILENT_AT_ONCE = [
    ladder("silent", (1, None), (2, None)),
    ladder("silent", (1, "10.0.0.1"), (2, None), target=f"{V4}:80"),
]


@pytest.mark.parametrize(
    ("code", "failures", "confidence"),
    [("local.firewall_drop", 1, "certain"), ("tcp.syn_dropped", 0, "likely")],
)
def test_the_kernel_knows_whether_a_silent_packet_left_this_machine(code: str, failures: int, confidence: str) -> None:
    found = find([connect("timeout", send_failures=failures, tcp_info={"total_retrans": 1}), *SILENT_AT_ONCE])[0]
    assert (found.code, found.confidence) == (code, confidence)


def test_silence_at_the_first_hop_alone_does_not_prove_a_local_firewall() -> None:
    found = find([connect("timeout"), *SILENT_AT_ONCE])[0]
    assert (found.code, found.confidence) == ("local.firewall_drop", "likely")


def test_addresses_that_fail_in_other_ways_are_named() -> None:
    because = find([connect("timeout"), connect("refused", V4_TOO, errno_name="ECONNREFUSED", errno=111)])[0].because
    assert f"{V4_TOO}:443 fails in another way: ECONNREFUSED (errno 111)." in because


def test_a_nameserver_that_knows_the_name_is_pointed_at() -> None:
    found = find([lookup("noname"), query("nxdomain"), query("ok", nameserver=SECOND, addresses=[V4])])[0]
    assert found.code == "dns.nxdomain"
    assert any(SECOND in sentence and V4 in sentence for sentence in found.because)
    assert SECOND in found.fix[0].step


def test_a_nameserver_that_answers_over_tcp_alone_is_not_called_silent_on_both() -> None:
    retry = query("ok", purpose="tcp_retry", transport="tcp", rcode="NOERROR", addresses=[V4])
    found = find([lookup("again", duration_s=10.0), silent_query(), retry])[0]
    assert found.code == "dns.timeout"
    assert any("Over TCP" in sentence for sentence in found.because)
    assert not any("does not answer either" in sentence for sentence in found.because)


def test_a_short_wait_cannot_tell_a_dead_host_from_a_filter() -> None:
    silent = o("tcp.control", "timeout", f"{V4}:80", address=V4, port=80, purpose="other_port")
    hops = ladder("silent", (1, "10.0.0.1"), (2, "10.0.1.2"), (3, None))
    short = find([connect("timeout", timeout_s=2.0), silent, hops])[0]
    long = find([connect("timeout", timeout_s=5.0), silent, hops])[0]
    assert (short.code, short.confidence) == ("tcp.syn_dropped", "likely")
    assert any("--connect-timeout" in sentence for sentence in short.because)
    assert long.confidence == "certain"


def test_a_gateway_that_is_down_is_looked_for_on_this_side() -> None:
    found = find([connect("host_unreachable", duration_s=3.1, icmp=icmp(3, 1, LOCAL))])[0]
    assert found.code == "tcp.dead_host"
    assert "gateway" in found.because[0]
    assert found.fix[0].owner == "you"


def test_a_network_without_ipv6_that_says_so_is_no_dead_address() -> None:
    assert find([connect(), connect("net_unreachable", V6, icmp=icmp(1, 0, "fd00::1", "icmp6"))]) == ()


def test_dns_is_not_ruled_out_where_another_nameserver_gives_another_address() -> None:
    seen = [lookup("ok", V4), query("ok", addresses=[V4]), query("ok", nameserver=SECOND, addresses=[V4_TOO])]
    found = find([*seen, connect("refused")])[0]
    assert found.code == "tcp.refused_by_host"
    assert any(SECOND in sentence and V4_TOO in sentence for sentence in found.because)
    assert not any(sentence.startswith("Not DNS") for sentence in found.ruled_out)
    only_ipv4 = find([lookup("ok", V4), query("ok", "AAAA", addresses=[V6]), connect("refused")])[0]
    assert any(sentence.startswith("Not DNS") for sentence in only_ipv4.ruled_out)


def test_a_process_that_may_open_few_files_is_told_so_only_if_one_connection_fails() -> None:
    control = o("tcp.control", "too_many_files", f"{V4}:80", address=V4, port=80, purpose="other_port")
    assert find([connect("timeout"), control])[0].code == "tcp.syn_dropped"
    assert find([connect("timeout"), connect("too_many_files", V4_TOO)])[0].code == "tcp.syn_dropped"
    assert find([connect("too_many_files"), control])[0].code == "local.fd_limit"


def test_a_single_lost_packet_degrades_nothing() -> None:
    slow = connect(duration_s=1.02, tcp_info={"total_retrans": 1})
    found = find([slow, series(repeats=[0] * 12), series("other_port", repeats=[0] * 12)])
    assert [(finding.code, finding.severity) for finding in found] == [("tcp.accept_backlog_full", "info")]
