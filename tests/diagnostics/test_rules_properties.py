"""What must hold for any observations: rules never raise, and every code they conclude is in the catalogue."""

from __future__ import annotations

import json
import string
from typing import Any

from ayx_diagnostics import catalogue
from ayx_diagnostics.model import STAGES, Observation
from ayx_diagnostics.rules import RULES, find
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

OPERATIONS = {
    "config": ["read_settings"],
    "local": ["source_address", "loopback_connect", "clock"],
    "proxy": ["select", "resolve", "connect", "tunnel"],
    "dns": ["hosts_file", "resolver_config", "system_lookup", "query"],
    "tcp": ["connect", "quiet", "path", "control"],
    "tls": ["handshake", "trust", "ca_bundle", "versions"],
    "http": ["get"],
    "token": ["request"],
    "api": ["call"],
}
OUTCOMES = [
    "ok",
    "problem",
    "skewed",
    "direct",
    "proxy",
    "invalid",
    "status",
    "not_http",
    "absent",
    "empty",
    "noname",
    "nodata",
    "again",
    "fail",
    "timeout",
    "label_invalid",
    "other_error",
    "nxdomain",
    "servfail",
    "refused",
    "formerr",
    "notimp",
    "port_closed",
    "unreachable",
    "truncated",
    "wrong_id",
    "malformed",
    "reset",
    "closed",
    "host_unreachable",
    "net_unreachable",
    "permission_denied",
    "not_permitted",
    "invalid_argument",
    "address_not_available",
    "too_many_files",
    "protocol_unreachable",
    "silent",
    "unsupported",
    "data",
    "verify_failed",
    "alert",
    "not_tls",
    "protocol_error",
    "missing",
    "unreadable",
    "no_certificates",
    "body_cut",
    "body_stall",
    "bad_encoding",
    "header_too_large",
    "withheld",
    "made_up",
]
KEYS = [
    "problems",
    "has_credentials",
    "scheme",
    "host",
    "is_loopback",
    "verify",
    "address",
    "family",
    "local_address",
    "errno",
    "errno_name",
    "skew_s",
    "date",
    "proxy",
    "origin",
    "no_proxy",
    "no_proxy_origin",
    "no_proxy_match",
    "message",
    "by_library",
    "variables",
    "candidates",
    "status",
    "reason",
    "proxy_authenticate",
    "server",
    "via",
    "x_squid_error",
    "proxy_status",
    "location",
    "content_type",
    "body_start",
    "first_bytes",
    "bytes_received",
    "candidate",
    "phase",
    "addresses",
    "path",
    "nameservers",
    "search",
    "source",
    "text",
    "name",
    "rdtype",
    "nameserver",
    "cnames",
    "cname_loop",
    "authority_soa",
    "ede",
    "rtt_ms",
    "purpose",
    "port",
    "timeout_s",
    "icmp",
    "tcp_info",
    "immediate",
    "waited_s",
    "hops",
    "last_responder",
    "reached_ttl",
    "silent_from",
    "server_name",
    "via_proxy",
    "version",
    "stage_reached",
    "bytes_sent",
    "alerts",
    "verify_code",
    "verify_message",
    "chain",
    "certificate_requested",
    "stores",
    "has_public_root",
    "accepted",
    "refused",
    "method",
    "url",
    "retry_after",
    "www_authenticate",
    "title",
    "json",
    "swagger",
    "swagger_title",
    "redirects",
    "verified",
    "elapsed_s",
    "style",
    "error",
    "error_description",
    "has_access_token",
    "expires_in",
    "withheld",
    "items",
    "role_needed",
    "authorization_sent",
    "tls_reason",
    "reused",
    "host_header",
]
WORDS = [
    *[
        "direct",
        "proxy",
        "client",
        "unverified",
        "no_sni",
        "small_segments",
        "not_strict",
        "swagger",
        "root",
        "gallery",
        "legacy_docs",
        "without_webapi",
    ],
    *[
        "other_host",
        "body",
        "basic",
        "none",
        "any",
        "curator",
        "A",
        "AAAA",
        "address",
        "random_label",
        "absolute",
        "cd_bit",
        "tcp_retry",
        "no_edns",
        "tls",
    ],
    *[
        "10.0.0.7",
        "fd00::7",
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.7:443",
        "http://p:3128",
        "https://h/webapi/oauth2/token",
        "/login",
        "HTTP/1.1",
    ],
    *[
        "2025-01-01T00:00:00+00:00",
        "invalid_client",
        "trusted",
        "untrusted",
        "error:",
        "nginx",
        "Microsoft-HTTPAPI/2.0",
        "Basic",
    ],
    "Tue, 01 Jul 2025 10:00:00 GMT",
    "https://[bad",
    "{host}",
    "",
]
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 1, 2, 3, 4, 9, 10, 13, 18, 19, 20, 26, 40, 62, 64, 89, 112, 116, 200, 302, 400, 401, 404, 407, 503]
    ),
    st.floats(allow_nan=True),
    st.sampled_from(WORDS),
    st.text(alphabet=string.printable, max_size=6),
)
INNER_KEYS = st.sampled_from(
    [
        "code",
        "setting",
        "origin",
        "message",
        "proxy",
        "ttl",
        "responder",
        "icmp_type",
        "icmp_code",
        "type",
        "offender",
        "direction",
        "number",
        "name",
        "common_name",
        "issuer",
        "issuer_common_name",
        "san",
        "not_before",
        "not_after",
        "sha256",
        "aia_issuers",
        "eku",
        "key",
        "status",
        "location",
        "snd_mss",
        "unacked",
        "total_retrans",
        "httpx",
        "requests",
        "curl",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "is_ca",
        "has_aki",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER_KEYS, inner, max_size=5),
    max_leaves=6,
)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    stage = draw(st.sampled_from(STAGES))
    evidence = draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
    return Observation(
        stage,
        draw(st.sampled_from(OPERATIONS[stage])),
        draw(st.sampled_from([*WORDS, "server.lab.test", "GET /v3/users"])),
        0.0,
        draw(st.sampled_from([0.0, 0.001, 0.5, 1.1, 3.1, 15.0])),
        draw(st.sampled_from(OUTCOMES)),
        evidence,
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(observations(), max_size=8))
def test_rules_take_any_evidence_and_stay_within_the_catalogue(seen: list[Observation]) -> None:
    known = {entry.code for entry in catalogue.entries()}
    for finding in find(seen):
        assert finding.code in known
        assert finding.because, finding.code
        assert finding.fix, finding.code
        assert finding.title
        assert all(isinstance(sentence, str) for sentence in (*finding.because, *finding.ruled_out))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(observations(), max_size=6))
def test_errors_come_first_and_the_same_evidence_gives_the_same_findings(seen: list[Observation]) -> None:
    found = find(seen)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=("error", "warning", "info").index)
    assert find(seen) == found


def test_every_rule_says_what_it_concludes_and_from_what() -> None:
    for rules in RULES.values():
        for rule in rules:
            said = (rule.conclude.__doc__ or "").strip()
            assert said.endswith("."), rule.conclude.__name__
            assert ":" in said or "from" in said, rule.conclude.__name__


def test_findings_of_a_report_survive_json() -> None:
    seen = Observation("tcp", "connect", "10.0.0.7:443", 0.0, 5.0, "timeout", {"address": "10.0.0.7", "port": 443})
    again = Observation(**json.loads(json.dumps({name: getattr(seen, name) for name in seen.__slots__})))
    assert find([again]) == find([seen])
