"""What to do about a match: the command that proves it, and what to look for."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics import catalogue
from ayx_diagnostics.model import Stage

__all__ = ["PROVEN_AT", "command_for", "steps_for"]

#: How far the walk has to go to prove a code, where that is further than the code's own stage.
PROVEN_AT: Mapping[str, Stage] = {
    **dict.fromkeys(
        (
            "local.no_interface_or_route",
            "local.no_ipv6_route",
            "local.prohibit_route",
            "local.blackhole_route",
            "local.unreachable_route",
            "local.firewall_reject",
            "local.firewall_drop",
            "local.sandbox_denied",
            "local.ephemeral_ports_exhausted",
            "local.fd_limit",
            "proxy.not_configured_but_needed",
            "dns.sinkhole",
            "dns.hosts_override",
            "dns.split_horizon_mismatch",
            "dns.nxdomain_hijack",
            "dns.search_suffix_trap",
            "dns.stale_or_partial_set",
        ),
        "tcp",
    ),
    "proxy.tunnel_cut_on_clienthello": "tls",
    "proxy.html_after_200": "tls",
    "local.clock_skew": "token",
    "tls.client_cert_required_13": "http",
    "tcp.stateful_idle_cut": "http",
    "tcp.path_died_in_flight": "http",
    "tcp.mtu_blackhole": "tls",
    "tcp.mtu_blackhole_upload": "token",
    "tcp.reset_after_accept": "tls",
    "http.wrong_base_path": "token",
    "http.wrong_vhost": "token",
    "http.http_to_https_port": "token",
    "http.body_cut": "token",
    "http.html_instead_of_json": "token",
    "http.redirect_to_login": "token",
    "http.auth_header_stripped": "api",
    "token.node_bound": "api",
}


#: What no probe of ours can see: its page has the commands that can.
_BY_HAND = frozenset({"tls.ocsp_crl_blocked"})


def command_for(code: str) -> str:
    """Return the command line that proves or refutes a code."""
    if code in _BY_HAND:
        return f"ayxctl explain {code}"
    return f"ayxctl diagnose --only {PROVEN_AT.get(code, code.partition('.')[0])}"


def steps_for(code: str) -> tuple[str, ...]:
    """Return the command, then what tells the code from its look-alikes.

    Raises:
        KeyError: The catalogue has no such code.
    """
    return command_for(code), catalogue.entry(code).evidence
