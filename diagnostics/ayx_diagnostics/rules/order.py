"""The precedence of all rules, on one page.

Within a stage, the first rule that concludes an error is right, and the errors of the rules below it give way. What is
less than an error stands beside it, and so does what a rule concludes that is declared ``independent``. What was told
(by a router, an alert, a status) comes before what is guessed from silence, and a cause before what follows from it.

A new rule is one more name on this page: above those that would blame something else for the same evidence.
"""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.model import Stage
from ayx_diagnostics.rules.api import drift, refused_calls, smoke, wrong_host
from ayx_diagnostics.rules.config import unusable_settings
from ayx_diagnostics.rules.dns import response_codes, silent_nameservers, wrong_addresses
from ayx_diagnostics.rules.http import broken_exchange, gateways, redirects, wrong_address
from ayx_diagnostics.rules.local import clock, dns_blocked_locally, local_firewall, process_limits, routes
from ayx_diagnostics.rules.proxy import broken_tunnels, connect_answers, proxy_settings, reachability
from ayx_diagnostics.rules.rule import Rule, with_detail
from ayx_diagnostics.rules.tcp import connection_breaks, dropped_syn, icmp_errors, packet_loss, tcp_refused
from ayx_diagnostics.rules.tls import (
    alerts,
    ca_bundles,
    certificates,
    handshakes,
    issuers,
    other_handshakes,
    x509_strict,
)
from ayx_diagnostics.rules.token import endpoint_errors, non_oauth2_answers

__all__ = ["RULES"]

#: What a proxy makes of the request for a tunnel, and what is inside one.
_NO_TUNNEL = (
    broken_tunnels.other_scheme,
    broken_tunnels.scheme_mismatch,
    broken_tunnels.proxy_certificate,
    connect_answers.auth_required,
    connect_answers.denied,
    connect_answers.upstream_dns,
    connect_answers.upstream_timeout,
    connect_answers.redirect,
    connect_answers.not_allowed,
    connect_answers.bad_gateway,
    broken_tunnels.not_http,
    broken_tunnels.silent,
    broken_tunnels.closes,
    broken_tunnels.cut_on_hello,
    broken_tunnels.html_after_200,
)

#: Why a certificate is refused: OpenSSL names one reason only, so two more stand beside it.
_REFUSED_CERTIFICATE = (
    certificates.expired,
    certificates.not_yet_valid,
    certificates.mismatch,
    certificates.self_signed,
    ca_bundles.other_variable,
    issuers.unknown_issuer,
    certificates.by_plain_code,
    certificates.refused_for_another_reason,
    certificates.second_mismatch,
    certificates.second_expiry,
)

RULES: Mapping[Stage, tuple[Rule, ...]] = {
    "config": (
        unusable_settings.reported,
        unusable_settings.name_with_bad_label,
        unusable_settings.other_product,
    ),
    "local": (
        process_limits.sandbox,
        process_limits.too_many_files,
        process_limits.no_port_left,
        local_firewall.rejected_here,
        local_firewall.denied_here,
        dns_blocked_locally.stopped_here,
        dns_blocked_locally.loopback_down,
        routes.no_route,
        dns_blocked_locally.route_that_refuses,
        routes.route_that_refuses,
        local_firewall.dropped_here,
        routes.no_ipv6,
        clock.skewed,
    ),
    "proxy": (
        # nothing can be sent with such settings
        proxy_settings.no_proxy_crashes,
        proxy_settings.socks_missing,
        proxy_settings.url_invalid,
        # the proxy is the wrong one, or none where one is needed
        reachability.contradicted,
        reachability.needed,
        reachability.name_not_resolved,
        reachability.unreachable,
        with_detail(reachability.unneeded, _NO_TUNNEL),
        *_NO_TUNNEL,
        # the settings mean different things to different libraries
        proxy_settings.no_proxy_ignored,
        proxy_settings.env_conflict,
        proxy_settings.pac_only,
    ),
    "dns": (
        # the name does not resolve
        silent_nameservers.no_resolver_config,
        response_codes.cname_loop,
        response_codes.cname_to_nowhere,
        response_codes.nxdomain,
        response_codes.nodata,
        response_codes.servfail,
        response_codes.refused,
        response_codes.formerr_or_notimp,
        silent_nameservers.tcp53_blocked,
        response_codes.wrong_id,
        silent_nameservers.port_closed,
        silent_nameservers.timeout,
        silent_nameservers.too_slow,
        response_codes.unexplained,
        # the name resolves: slowly, or to an address that is not the Server's
        wrong_addresses.hosts_override,
        wrong_addresses.sinkhole,
        silent_nameservers.slow_aaaa,
        silent_nameservers.first_nameserver_dead,
        wrong_addresses.hijack,
        wrong_addresses.search_suffix,
        wrong_addresses.split_horizon,
        wrong_addresses.partly_dead,
    ),
    "tcp": (
        packet_loss.loss_that_stops,
        # the connection was never made
        icmp_errors.rejected,
        icmp_errors.dead_host,
        icmp_errors.no_route,
        icmp_errors.routing_loop,
        dropped_syn.syn_dropped,
        dropped_syn.ipv6_blackhole,
        connection_breaks.transparent_proxy,
        icmp_errors.proto_unreachable,
        tcp_refused.refused_at_home,
        tcp_refused.refused_on_the_way,
        tcp_refused.refused,
        # it was made
        connection_breaks.reset_after_accept,
        connection_breaks.mtu,
        connection_breaks.upload_alone,
        connection_breaks.path_died,
        connection_breaks.idle_cut,
        packet_loss.loss_that_slows,
        packet_loss.slow_accept,
    ),
    "tls": (
        ca_bundles.ca_bundle,
        *_REFUSED_CERTIFICATE,
        other_handshakes.elsewhere(_REFUSED_CERTIFICATE),
        # the handshake fails, and no certificate of the Server's is to blame
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
        # the handshake succeeds
        ca_bundles.variables_disagree,
        certificates.common_name_only,
        x509_strict.refused_elsewhere,
    ),
    "http": (
        wrong_address.https_port,
        redirects.redirect_to_login,
        redirects.redirect_loop,
        gateways.block_page,
        gateways.page_for_calls,
        gateways.rate_limited,
        gateways.gateway_error,
        wrong_address.wrong_base_path,
        wrong_address.wrong_virtual_host,
        redirects.auth_header_stripped,
        redirects.removed_on_the_way,
        gateways.html_instead,
        broken_exchange.read_timeout,
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
        non_oauth2_answers.oauth1_only,
        non_oauth2_answers.redirected,
        non_oauth2_answers.not_found,
        non_oauth2_answers.server_error,
        non_oauth2_answers.forbidden,
        non_oauth2_answers.not_json,
        non_oauth2_answers.refused_oddly,
        non_oauth2_answers.timed_out,
        endpoint_errors.bad_lifetime,
        endpoint_errors.node_bound,
        endpoint_errors.plaintext,
    ),
    "api": (
        wrong_host.host_not_allowed,
        wrong_host.not_alteryx,
        refused_calls.role,
        refused_calls.unauthorized,
        refused_calls.server_error,
        refused_calls.not_found,
        refused_calls.refused_oddly,
        refused_calls.overridden,
        # the smoke test, and what it compares
        smoke.server_error,
        smoke.no_json,
        smoke.missing,
        smoke.refused,
        drift.drift,
    ),
}
