"""The precedence of all rules, on one page.

Within a stage, the first rule that concludes an error is right, and the errors of the rules below it give way. What is
less than an error stands beside it, and so does what a rule concludes that is declared ``independent``. What was told
(by a router, an alert, a status) comes before what is guessed from silence, and a cause before what follows from it.

A new rule is one more name on this page: above those that would blame something else for the same evidence.
"""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.model import Stage
from ayx_diagnostics.rules.api import access, drift, smoke
from ayx_diagnostics.rules.config import settings
from ayx_diagnostics.rules.dns import lookup_failures, resolution
from ayx_diagnostics.rules.http import broken_exchange, redirects, wrong_peer
from ayx_diagnostics.rules.local import dns_blocked_locally, local_firewall, routes, this_machine
from ayx_diagnostics.rules.proxy import answers, proxy_settings, reachability, tunnel
from ayx_diagnostics.rules.rule import Rule, with_detail
from ayx_diagnostics.rules.tcp import connection_breaks, packet_loss, tcp_refused, unreachable
from ayx_diagnostics.rules.tls import alerts, certificates, handshakes, issuers, other_handshakes, x509_strict
from ayx_diagnostics.rules.token import endpoint_errors, no_endpoint

__all__ = ["RULES"]

#: What a proxy makes of the request for a tunnel, and what is inside one.
_NO_TUNNEL = (
    tunnel.other_scheme,
    tunnel.scheme_mismatch,
    tunnel.proxy_certificate,
    answers.auth_required,
    answers.denied,
    answers.upstream_dns,
    answers.upstream_timeout,
    answers.redirect,
    answers.not_allowed,
    answers.bad_gateway,
    tunnel.not_http,
    tunnel.silent,
    tunnel.closes,
    tunnel.cut_on_hello,
    tunnel.html_after_200,
)

#: Why a certificate is refused: OpenSSL names one reason only, so two more stand beside it.
_REFUSED_CERTIFICATE = (
    certificates.expired,
    certificates.not_yet_valid,
    certificates.mismatch,
    certificates.self_signed,
    issuers.other_variable,
    issuers.unknown_issuer,
    certificates.by_plain_code,
    certificates.refused_for_another_reason,
    certificates.second_mismatch,
    certificates.second_expiry,
)

RULES: Mapping[Stage, tuple[Rule, ...]] = {
    "config": (
        settings.settings,
        settings.name_with_bad_label,
        settings.other_product,
    ),
    "local": (
        this_machine.sandbox,
        this_machine.too_many_files,
        this_machine.no_port_left,
        local_firewall.rejected_here,
        local_firewall.denied_here,
        dns_blocked_locally.stopped_here,
        dns_blocked_locally.loopback_down,
        routes.no_route,
        dns_blocked_locally.route_that_refuses,
        routes.route_that_refuses,
        local_firewall.dropped_here,
        routes.no_ipv6,
        this_machine.clock,
    ),
    "proxy": (
        proxy_settings.no_proxy_crashes,
        proxy_settings.socks_missing,
        proxy_settings.url_invalid,
        reachability.contradicted,
        reachability.needed,
        reachability.name_not_resolved,
        reachability.unreachable,
        with_detail(reachability.unneeded, _NO_TUNNEL),
        *_NO_TUNNEL,
        proxy_settings.no_proxy_ignored,
        proxy_settings.env_conflict,
        proxy_settings.pac_only,
    ),
    "dns": (
        lookup_failures.no_resolver_config,
        lookup_failures.cname_loop,
        lookup_failures.cname_to_nowhere,
        lookup_failures.nxdomain,
        lookup_failures.nodata,
        lookup_failures.servfail,
        lookup_failures.refused,
        lookup_failures.formerr_or_notimp,
        lookup_failures.tcp53_blocked,
        lookup_failures.wrong_id,
        lookup_failures.port_closed,
        lookup_failures.timeout,
        lookup_failures.too_slow,
        lookup_failures.unexplained,
        resolution.hosts_override,
        resolution.sinkhole,
        resolution.slow_aaaa,
        resolution.first_nameserver_dead,
        resolution.hijack,
        resolution.search_suffix,
        resolution.split_horizon,
        resolution.partly_dead,
    ),
    "tcp": (
        packet_loss.loss_that_stops,
        unreachable.rejected,
        unreachable.dead_host,
        unreachable.no_route,
        unreachable.routing_loop,
        unreachable.syn_dropped,
        unreachable.ipv6_blackhole,
        unreachable.transparent_proxy,
        tcp_refused.proto_unreachable,
        tcp_refused.refused_at_home,
        tcp_refused.refused_on_the_way,
        tcp_refused.refused,
        connection_breaks.reset_after_accept,
        connection_breaks.mtu,
        connection_breaks.upload_alone,
        connection_breaks.path_died,
        connection_breaks.idle_cut,
        packet_loss.loss_that_slows,
        packet_loss.slow_accept,
    ),
    "tls": (
        handshakes.ca_bundle,
        *_REFUSED_CERTIFICATE,
        other_handshakes.elsewhere(_REFUSED_CERTIFICATE),
        handshakes.not_tls,
        alerts.client_certificate,
        alerts.client_certificate_after,
        alerts.protocol_version,
        alerts.no_cipher,
        alerts.unrecognized_name,
        alerts.weak_key,
        alerts.access_denied,
        handshakes.ended_on_hello,
        handshakes.silent_on_hello,
        handshakes.broken_handshake,
        handshakes.variables_disagree,
        handshakes.common_name_only,
        x509_strict.refused_elsewhere,
    ),
    "http": (
        wrong_peer.https_port,
        redirects.redirect_to_login,
        redirects.redirect_loop,
        wrong_peer.block_page,
        wrong_peer.page_for_calls,
        wrong_peer.rate_limited,
        wrong_peer.gateway_error,
        wrong_peer.wrong_base_path,
        wrong_peer.wrong_virtual_host,
        redirects.auth_header_stripped,
        redirects.removed_on_the_way,
        wrong_peer.html_instead,
        wrong_peer.read_timeout,
        redirects.moved_api,
        broken_exchange.broken,
        broken_exchange.request_too_large,
    ),
    "token": (
        endpoint_errors.not_urlencoded,
        endpoint_errors.auth_style,
        endpoint_errors.invalid_client,
        endpoint_errors.by_error,
        endpoint_errors.throttled,
        no_endpoint.oauth1_only,
        no_endpoint.redirected,
        no_endpoint.not_found,
        no_endpoint.server_error,
        no_endpoint.forbidden,
        no_endpoint.not_json,
        no_endpoint.refused_oddly,
        no_endpoint.timed_out,
        endpoint_errors.bad_lifetime,
        endpoint_errors.node_bound,
        endpoint_errors.plaintext,
    ),
    "api": (
        access.host_not_allowed,
        access.not_alteryx,
        access.role,
        access.unauthorized,
        access.server_error,
        access.not_found,
        access.refused_oddly,
        access.overridden,
        smoke.server_error,
        smoke.no_json,
        smoke.missing,
        smoke.refused,
        drift.drift,
    ),
}
