"""Rules of TLS and everything above: for every code a set of observations that reaches it, and a look-alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules import RULES, find

HOST = "server.lab.test"
WHERE = "10.0.0.7:443"
BASE = f"https://{HOST}/webapi"
TOKEN_URL = f"{BASE}/oauth2/token"
PAGE = "<html><head><title>Sign in</title></head></html>"
BLOCK = "<html><head><title>Access denied</title></head><body>blocked by the web filter</body></html>"

Case = tuple[str, list[Observation], list[Observation]]


def o(what: str, outcome: str = "ok", target: str = "", duration_s: float = 0.01, **evidence: Any) -> Observation:
    stage, _, operation = what.partition(".")
    return Observation(stage, operation, target, 0.0, duration_s, outcome, evidence)  # type: ignore[arg-type]  # stage by name


def certificate(**more: Any) -> dict[str, Any]:
    return {
        "common_name": HOST,
        "subject": f"CN={HOST}",
        "issuer": "CN=Lab Root CA",
        "issuer_common_name": "Lab Root CA",
        "san": [HOST],
        "not_before": "2024-01-01T00:00:00+00:00",
        "not_after": "2034-01-01T00:00:00+00:00",
        "sha256": "aa",
        "aia_issuers": [],
    } | more


def handshake(outcome: str = "ok", duration_s: float = 0.05, **more: Any) -> Observation:
    evidence = {"server_name": HOST, "purpose": "client", "via_proxy": False, "bytes_received": 0, "bytes_sent": 517}
    return o("tls.handshake", outcome, WHERE, duration_s, **evidence | more)


def refused(code: int, *chain: dict[str, Any], **more: Any) -> list[Observation]:
    message: dict[str, Any] = {"verify_code": code, "verify_message": "[said by OpenSSL]", "bytes_received": 3000}
    return [handshake("verify_failed", chain=list(chain) or [certificate()], **message | more)]


def alert(number: int, **more: Any) -> list[Observation]:
    said = [{"direction": "received", "level": 2, "number": number, "name": f"alert_{number}"}]
    return [handshake("alert", alerts=said, bytes_received=7, stage_reached="client_hello_sent", **more)]


def quiet(outcome: str = "ok") -> Observation:
    return o("tcp.quiet", outcome, WHERE, 0.7, waited_s=0.7)


def get(
    status: int | None = 200, purpose: str = "swagger", outcome: str = "ok", path: str = "", **more: Any
) -> Observation:
    url = f"https://{HOST}{path or '/webapi/swagger/docs/3'}"
    return o("http.get", outcome, url, **{"method": "GET", "url": url, "status": status, "purpose": purpose} | more)


def html(status: int | None = 200, body: str = PAGE, **more: Any) -> dict[str, Any]:
    return {"status": status, "content_type": "text/html", "body_start": body, "json": False} | more


SWAGGER = get(swagger=True, json=True, swagger_title="Alteryx Server API V3", content_type="application/json")


def token(status: int | None = 200, outcome: str = "ok", style: str = "body", **more: Any) -> Observation:
    evidence = {"method": "POST", "url": TOKEN_URL, "status": status, "style": style, "has_access_token": False}
    return o("token.request", outcome, TOKEN_URL, 0.1, **evidence | more)


GOOD = token(has_access_token=True, expires_in=3599, token_type="bearer", json=True)


def call(
    status: int | None = 200, path: str = "/v3/users", role: str = "curator", outcome: str = "ok", **more: Any
) -> Observation:
    evidence = {"method": "GET", "url": BASE + path, "status": status, "role_needed": role, "authorization_sent": True}
    return o(
        "api.call", outcome, f"GET {path}", 0.1, **{**evidence, "json": True, "content_type": "application/json"} | more
    )


WORKFLOWS = ("/v3/workflows", "any")
V1 = ("/v1/workflows/subscription", "artisan")
LEAF_OF_INTERMEDIATE = certificate(
    issuer="CN=Lab Issuing CA", issuer_common_name="Lab Issuing CA", aia_issuers=["http://pki.lab.test/issuing.cer"]
)
ROOT = certificate(common_name="Lab Root CA", self_signed=True, is_ca=True, san=[], basic_constraints_critical=False)
INSPECTED = certificate(issuer="CN=Corp TLS Inspection CA", issuer_common_name="Corp TLS Inspection CA", sha256="bb")
SELF = certificate(issuer=f"CN={HOST}", issuer_common_name=HOST, self_signed=True, self_issued=True)

TLS_CASES: list[Case] = [
    ("tls.cert_expired", refused(10, certificate(not_after="2025-01-01T00:00:00+00:00")), refused(9)),
    ("tls.cert_not_yet_valid", refused(9, certificate(not_before="2033-01-01T00:00:00+00:00")), refused(10)),
    ("tls.missing_intermediate", refused(20, LEAF_OF_INTERMEDIATE), refused(20)),
    ("tls.unknown_ca_private", refused(19, certificate(), ROOT), refused(20, LEAF_OF_INTERMEDIATE)),
    ("tls.unknown_ca_private", refused(20), refused(18, SELF)),
    ("tls.intercepted", refused(20, INSPECTED), refused(20)),
    (
        "tls.intercepted",
        [*refused(20), handshake("ok", via_proxy=True, chain=[certificate(sha256="cc")], purpose="unverified")],
        [*refused(20), handshake("ok", via_proxy=True, chain=[certificate()], purpose="unverified")],
    ),
    ("tls.self_signed", refused(18, SELF), refused(19, certificate(), ROOT)),
    ("tls.hostname_mismatch", refused(62, certificate(san=["other.lab.test"])), refused(20)),
    ("tls.ip_mismatch", refused(64, certificate(), server_name="10.0.0.7"), refused(62)),
    ("tls.cn_only", [handshake(chain=[certificate(san=[])])], [handshake(chain=[certificate()])]),
    ("tls.strict_basic_constraints", refused(89, certificate(), ROOT), refused(85)),
    ("tls.strict_missing_aki", refused(85, certificate(has_aki=False)), refused(89)),
    ("tls.wrong_eku", refused(26, certificate(eku=["clientAuth"])), refused(20)),
    ("tls.name_constraints", refused(47), refused(26)),
    ("tls.weak_key_or_sig", refused(66, certificate(key="RSA-1024", signature="sha256")), refused(62)),
    (
        "tls.ca_bundle_unreadable",
        [o("tls.ca_bundle", "missing", "/no/such/file", origin="SSL_CERT_FILE")],
        [o("tls.ca_bundle", "ok", "/a/file", origin="SSL_CERT_FILE", count=3)],
    ),
    (
        "tls.env_ca_not_seen",
        [handshake(), o("tls.trust", stores={"SSL_CERT_FILE": "trusted", "REQUESTS_CA_BUNDLE": "untrusted"})],
        [handshake(), o("tls.trust", stores={"SSL_CERT_FILE": "trusted", "certifi": "untrusted"})],
    ),
    ("tls.protocol_version", alert(70), alert(40)),
    (
        "tls.protocol_version",
        [
            *alert(40),
            o("tls.versions", accepted=["TLSv1", "TLSv1.1"], refused={"TLSv1.2": "alert", "TLSv1.3": "alert"}),
        ],
        [*alert(40), o("tls.versions", accepted=["TLSv1.2"], refused={"TLSv1.3": "alert"})],
    ),
    ("tls.no_shared_cipher", alert(40, certificate_requested=None), alert(40, certificate_requested=True)),
    ("tls.client_cert_required_12", alert(40, certificate_requested=True), alert(40, certificate_requested=False)),
    (
        "tls.client_cert_required_13",
        [handshake(version="TLSv1.3"), token(None, "alert", tls_reason="TLSV13_ALERT_CERTIFICATE_REQUIRED")],
        [handshake(version="TLSv1.3"), token(None, "reset")],
    ),
    ("tls.unrecognized_name", alert(112), alert(40)),
    ("tls.access_denied_alert", alert(49), alert(112)),
    (
        "tls.plaintext_http",
        [handshake("not_tls", first_bytes="HTTP/1.1 400")],
        [handshake("not_tls", first_bytes="SSH-2.0")],
    ),
    (
        "tls.other_protocol",
        [handshake("not_tls", first_bytes="220 mail")],
        [handshake("not_tls", first_bytes="HTTP/1.0 200")],
    ),
    ("tls.fin_on_clienthello", [handshake("closed"), quiet()], [handshake("closed"), quiet("closed")]),
    ("tls.rst_on_clienthello", [handshake("reset"), quiet()], [handshake("reset"), quiet("reset")]),
    (
        "tls.silent_on_clienthello",
        [handshake("timeout", tcp_info={"unacked": 1, "total_retrans": 4})],
        [handshake("timeout", bytes_received=1400), handshake(purpose="small_segments")],
    ),
]

PLAIN = {"url": f"http://{HOST}/webapi/oauth2/token"}
MOVED = "https://new.lab.test/webapi/oauth2/token"
HTTP_CASES: list[Case] = [
    ("http.no_response_fin", [handshake(), token(None, "closed")], [handshake(), token(None, "reset")]),
    ("http.reset_after_request", [handshake(), token(None, "reset")], [handshake("reset"), quiet()]),
    (
        "http.read_timeout",
        [token(None, "timeout"), get(None, outcome="timeout")],
        [token(None, "timeout"), SWAGGER],
    ),
    ("http.body_cut", [token(200, "body_cut")], [token(200, "body_stall")]),
    ("http.body_stall", [token(200, "body_stall")], [token(None, "timeout")]),
    ("http.not_http1", [token(None, "not_http", first_bytes="\\x00\\x00\\x00\\x04")], [token(None, "closed")]),
    ("http.redirect_loop", [token(302, location=TOKEN_URL)], [token(302, location="https://idp.lab.test/login")]),
    ("http.redirect_to_login", [token(302, location="https://idp.lab.test/login")], [token(301, location=MOVED)]),
    (
        "http.html_instead_of_json",
        [token(**html()), get(**html())],
        [token(**html()), SWAGGER],
    ),
    ("http.block_page", [token(**html(403, BLOCK))], [token(**html(403, "<html><title>403 Forbidden</title></html>"))]),
    ("http.bad_encoding", [token(200, "bad_encoding")], [token(200, "body_cut")]),
    ("http.header_too_large", [token(None, "header_too_large")], [token(400, error="invalid_client")]),
    (
        "http.http_to_https_port",
        [token(**html(400, "<html>The plain HTTP request was sent to HTTPS port</html>", **PLAIN))],
        [token(**html(400, "<html>Bad Request</html>", **PLAIN))],
    ),
    (
        "http.gateway_5xx",
        [token(**html(502, server="nginx"))],
        [token(503, server="Microsoft-HTTPAPI/2.0")],
    ),
    (
        "http.gateway_5xx",
        [token(**html(503, server="Microsoft-HTTPAPI/2.0", retry_after="3600"))],
        [token(503, json=True, retry_after="30")],
    ),
    ("http.rate_limited", [GOOD, call(429, retry_after="30")], [token(429)]),
    ("http.wrong_vhost", [token(421)], [token(404)]),
    (
        "http.auth_header_stripped",
        [GOOD, call(401, redirects=[{"status": 302, "location": "https://b.lab.test/webapi/v3/users"}])],
        [GOOD, call(401)],
    ),
    (
        "http.wrong_base_path",
        [
            token(404),
            get(404),
            get(purpose="without_webapi", path="/swagger/docs/3", swagger=True, swagger_title="Alteryx"),
        ],
        [token(404), SWAGGER],
    ),
]

TOKEN_CASES: list[Case] = [
    (
        "token.invalid_client",
        [token(400, error="invalid_client"), token(401, style="basic", error="invalid_client")],
        [token(400, style="none", error="invalid_client")],
    ),
    (
        "token.auth_style_mismatch",
        [token(400, error="invalid_client"), token(style="basic", has_access_token=True, expires_in=3599)],
        [token(400, error="invalid_client"), token(400, style="basic", error="invalid_client")],
    ),
    (
        "token.unsupported_grant_type",
        [token(400, error="unsupported_grant_type")],
        [token(400, error="invalid_client")],
    ),
    ("token.invalid_scope", [token(400, error="invalid_scope")], [token(400, error="invalid_client")]),
    ("token.not_found", [token(404), SWAGGER], [token(404), get(404), get(purpose="root", path="/", server="nginx")]),
    (
        "token.oauth1_only",
        [token(404), get(404), get(purpose="legacy_docs", path="/gallery/api-docs/", title="Alteryx Gallery API")],
        [token(404), SWAGGER, get(purpose="legacy_docs", path="/gallery/api-docs/", title="Alteryx Gallery API")],
    ),
    ("token.method_changed_by_redirect", [token(301, location=MOVED)], [token(302, location="https://x/login")]),
    ("token.not_json", [token(**html()), SWAGGER], [token(**html()), get(**html())]),
    ("token.bad_lifetime", [token(has_access_token=True, expires_in=0), call()], [GOOD, call()]),
    ("token.server_error", [token(500, json=True), SWAGGER], [token(**html(502, server="nginx"))]),
    ("token.throttled", [token(429, retry_after="30")], [GOOD, call(429)]),
    ("token.forbidden", [token(**html(403, server="nginx")), SWAGGER], [token(400, error="invalid_client")]),
    (
        "token.plaintext",
        [o("config.read_settings", scheme="http", host=HOST, is_loopback=False), GOOD, call()],
        [o("config.read_settings", scheme="http", host="127.0.0.1", is_loopback=True), GOOD, call()],
    ),
    ("token.timeout", [token(None, "timeout"), SWAGGER], [token(None, "timeout"), get(None, outcome="timeout")]),
    (
        "token.node_bound",
        [GOOD, call(address="10.0.0.7"), call(401, address="10.0.0.8")],
        [GOOD, call(address="10.0.0.7"), call(401, *WORKFLOWS, address="10.0.0.8")],
    ),
]

API_CASES: list[Case] = [
    ("api.unauthorized", [GOOD, call(401), call(401, *WORKFLOWS)], [GOOD, call(401), call(200, *WORKFLOWS)]),
    (
        "api.schema_drift",
        [GOOD, call(), o("api.smoke", "ok", "GET /v3/users", status=200, problems=["[]: 'id' is missing"])],
        [GOOD, call(), o("api.smoke", "ok", "GET /v3/users", status=200, problems=[])],
    ),
    (
        "api.schema_drift",
        [GOOD, call(problems=['[]/role: "Overseer" is none of the documented values'])],
        [GOOD, call(problems=[])],
    ),
    (
        "api.schema_drift",
        [GOOD, call(), o("api.read_document", differences=["GET /v3/jobs: gone"], difference_count=1, status=200)],
        [GOOD, call(), o("api.read_document", differences=[], difference_count=0, status=200)],
    ),
    ("api.role_insufficient", [GOOD, call(401), call(200, *WORKFLOWS)], [GOOD, call(401), call(401, *WORKFLOWS)]),
    (
        "token.not_found",  # another name of the certificate answers as well: the name makes no difference
        [token(404), get(swagger=True, purpose="swagger"), get(swagger=True, purpose="other_host", host_header="a.b")],
        [token(404), get(404), get(swagger=True, purpose="other_host", host_header="a.b")],
    ),
    (
        "api.host_not_allowed",
        [token(400), get(400), get(swagger=True, purpose="other_host", host_header="a.b")],
        [token(400), get(400), get(purpose="other_host", host_header="a.b")],
    ),
    ("api.not_found", [GOOD, call(404), call(404, *WORKFLOWS)], [GOOD, call(404), call(200, *WORKFLOWS)]),
    (
        "api.not_alteryx",
        [token(404, server="nginx"), get(404), get(purpose="root", path="/", server="nginx", title="Welcome")],
        [token(404), get(404), get(purpose="gallery", path="/gallery/", title="Alteryx Gallery")],
    ),
    ("api.server_error", [GOOD, call(500)], [GOOD, call(502, server="nginx")]),
]

NO_CERTIFICATE = "<html><head><title>400 No required SSL certificate was sent</title></head></html>"
IIS_400 = html(400, "<h2>Bad Request</h2>", server="Microsoft-HTTPAPI/2.0")
SHELL = html(200, "<html><title>Alteryx Server</title></html>", title="Alteryx Server")
FIRST_PAGE = get(purpose="gallery", path="/gallery/", **SHELL)
ANY_PAGE = get(purpose="legacy_docs", path="/gallery/api-docs/", **SHELL)
OLD_PAGE = get(purpose="legacy_docs", path="/gallery/api-docs/", **SHELL | {"title": "Alteryx Gallery API"})

#: What real web servers and gateways answer where a Server is expected.
GATEWAY_CASES: list[Case] = [
    (
        "tls.client_cert_required_12",
        [handshake(version="TLSv1.2"), token(**html(400, NO_CERTIFICATE)), get(**html(400, NO_CERTIFICATE))],
        [handshake(version="TLSv1.2"), token(**html(400)), get(**html(400))],
    ),
    (
        "tls.client_cert_required_13",
        [handshake(version="TLSv1.3"), token(**html(403, "403.7 - Client certificate required")), get(403)],
        [handshake(version="TLSv1.3"), token(**html(403)), get(403)],
    ),
    ("token.not_json", [token(**IIS_400), SWAGGER], [token(400, error="invalid_client"), SWAGGER]),
    ("token.not_json", [token(415, json=True), SWAGGER], [token(404, json=True), SWAGGER]),
    ("token.not_json", [token(411), SWAGGER], [token(429), SWAGGER]),
    ("token.server_error", [token(400, error="server_error")], [token(400, error="invalid_request")]),
    ("token.forbidden", [token(400, error="access_denied")], [token(400, error="server_error")]),
    ("token.oauth1_only", [token(404), get(404), FIRST_PAGE, OLD_PAGE], [token(404), get(404), FIRST_PAGE, ANY_PAGE]),
    (
        "http.wrong_base_path",
        [token(404), get(404), FIRST_PAGE, ANY_PAGE],
        [token(404), get(404), FIRST_PAGE, OLD_PAGE],
    ),
    ("http.html_instead_of_json", [GOOD, call(json=False, content_type="")], [GOOD, call()]),
    (
        "http.block_page",
        [token(**html(406, "<title>Not Acceptable!</title>generated by Mod_Security")), SWAGGER],
        [token(**html(406, "<title>Not Acceptable</title>")), SWAGGER],
    ),
    (
        "api.not_found",
        [GOOD, call(404), call(404, *WORKFLOWS), call(200, *V1)],
        [GOOD, call(404), call(200, *WORKFLOWS)],
    ),
    ("api.server_error", [GOOD, call(400)], [GOOD, call(429)]),
]

UNENCODED = token(purpose="unencoded", style="basic", has_access_token=True)
OTHER_STYLE = token(style="body", has_access_token=True, expires_in=3599)
NO_HEADER = token(400, style="basic", purpose="authorization_header", error="invalid_client")
PAGE_403 = {"status": 403, "content_type": "text/html", "body_start": "<h1>403</h1>", "json": False, "server": "nginx"}
LISTING = ["swaggerVersion", "apis"]
STORES = o("tls.trust", stores={"system": "untrusted", "REQUESTS_CA_BUNDLE": "trusted", "--ca-bundle": "trusted"})
OWN_BUNDLE = [o("tls.ca_bundle", origin="environment REQUESTS_CA_BUNDLE"), handshake()]
ROUND_CASES: list[Case] = [
    (
        "token.basic_not_urlencoded",
        [token(400, style="basic", error="invalid_client"), OTHER_STYLE, UNENCODED],
        [token(400, style="basic", error="invalid_client"), OTHER_STYLE],
    ),
    ("token.invalid_client", [token(401, server="Microsoft-HTTPAPI/2.0")], [token(401, server="nginx")]),
    ("token.forbidden", [token(401, server="nginx")], [token(401, server="Microsoft-HTTPAPI/2.0")]),
    ("token.node_bound", [GOOD, call(401), call(200, *WORKFLOWS), call()], [GOOD, call(401), call(200, *WORKFLOWS)]),
    ("http.auth_header_stripped", [GOOD, call(401), NO_HEADER], [GOOD, call(401)]),
    (
        "http.auth_header_stripped",
        [GOOD, call(302, location="https://other.test/webapi/v3/users")],
        [GOOD, call(302, location="/webapi/v4/users")],
    ),
    ("http.wrong_base_path", [GOOD, call(301, location="/api/v3/users")], [GOOD, call()]),
    ("http.block_page", [GOOD, call(**PAGE_403), call(**PAGE_403)], [GOOD, call(403, json=True), call(403, json=True)]),
    ("token.forbidden", [token(**html(403, BLOCK)), SWAGGER], [token(**html(403, BLOCK))]),
    (
        "http.redirect_loop",
        [
            token(302, location=f"http://{HOST}/webapi/oauth2/token"),
            get(302, purpose="redirected", url=f"http://{HOST}/webapi/oauth2/token", location=token().target),
        ],
        [token(302, location=f"http://{HOST}/webapi/oauth2/token")],
    ),
    (
        "http.wrong_vhost",
        [token(404, server="nginx"), get(404), get(swagger=True, purpose="other_host", host_header="a.b")],
        [token(404), get(404), get(swagger=True, purpose="other_host", host_header="a.b")],
    ),
    ("api.auth_overridden", [GOOD, call(), o("api.netrc", "ok", HOST, path="/home/u/.netrc")], [GOOD, call()]),
    (
        "token.oauth1_only",
        [token(404), get(404), FIRST_PAGE, get(purpose="legacy_docs", path="/gallery/api-docs/", json_keys=LISTING)],
        [token(404), get(404), FIRST_PAGE, get(purpose="legacy_docs", path="/gallery/api-docs/", json_keys=["x"])],
    ),
    ("tls.env_ca_not_seen", [*OWN_BUNDLE, STORES, GOOD, call()], [OWN_BUNDLE[1], STORES, GOOD, call()]),
    ("tls.other_protocol", [handshake("protocol_error", reason="BAD_LENGTH")], [handshake("closed")]),
    (
        "tls.protocol_version",
        [handshake("protocol_error", reason="UNSAFE_LEGACY_RENEGOTIATION_DISABLED")],
        [handshake("protocol_error", reason="BAD_LENGTH")],
    ),
    (
        "tls.silent_on_clienthello",
        [handshake("timeout", bytes_received=127), handshake("timeout", bytes_received=600, purpose="small_segments")],
        [handshake("timeout", bytes_received=127), handshake(purpose="small_segments")],
    ),
    (
        "tls.plaintext_http",
        [handshake("timeout"), get(404, purpose="plain_http")],
        [handshake("timeout"), get(400, purpose="plain_http")],
    ),
    (
        "tls.cert_expired",
        [handshake(), handshake("verify_failed", purpose="other_address", verify_code=10), GOOD, call()],
        [handshake(), GOOD, call()],
    ),
]

CASES = [*ROUND_CASES, *TLS_CASES, *HTTP_CASES, *TOKEN_CASES, *API_CASES, *GATEWAY_CASES]
STAGES = ("tls", "http", "token", "api")


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
    assert concluded == {code for code, _, _ in CASES}, "each needs a row of CASES; then `make record` has its words"


@pytest.mark.parametrize(
    "seen",
    [
        [handshake(), GOOD, call()],
        [handshake(), token(400, style="none", error="invalid_client")],
        [handshake(), GOOD, call(), get(**html(503, server="nginx"))],
        [handshake(), GOOD, call(), get(None, outcome="timeout")],
    ],
    ids=["with credentials", "without credentials", "failing control", "hanging control"],
)
def test_nothing_is_found_where_everything_works(seen: list[Observation]) -> None:
    assert find(seen) == ()


def test_an_expired_intermediate_is_told_from_the_leaf() -> None:
    intermediate = certificate(common_name="Lab Issuing CA", not_after="2025-06-01T00:00:00+00:00", san=[])
    found = find(refused(10, certificate(), intermediate))[0]
    assert "intermediate certificate Lab Issuing CA" in found.because[0]
    assert "2025-06-01" in found.because[0]
    assert HOST in " ".join(found.ruled_out)


def test_a_wrong_clock_is_the_cause_of_an_expired_certificate() -> None:
    clock = o("local.clock", "skewed", HOST, skew_s=-9e7, date="Tue, 01 Jul 2025 10:00:00 GMT")
    found = find([clock, *refused(10)])
    assert [(finding.code, finding.severity) for finding in found] == [("local.clock_skew", "error")]


def test_a_second_cause_seen_without_trust_is_kept() -> None:
    elsewhere = get(
        purpose="without_webapi", path="/swagger/docs/3", swagger=True, swagger_title="Alteryx", verified=False
    )
    unverified: dict[str, Any] = {"style": "none", "verified": False}
    found = find([*refused(10), token(404, **unverified), get(404, verified=False), elsewhere])
    assert [finding.code for finding in found] == ["tls.cert_expired", "http.wrong_base_path"]
    assert any(f"https://{HOST}" in step.step for step in found[1].fix)


def test_an_expired_certificate_for_another_name_is_two_findings() -> None:
    leaf = certificate(not_after="2025-01-01T00:00:00+00:00", san=["other.lab.test"])
    assert [finding.code for finding in find(refused(10, leaf))] == ["tls.cert_expired", "tls.hostname_mismatch"]


def test_an_unreadable_bundle_hides_the_untrusted_chain_that_follows() -> None:
    bundle = o("tls.ca_bundle", "missing", "/no/such/file", origin="SSL_CERT_FILE")
    assert [finding.code for finding in find([bundle, *refused(20)])] == ["tls.ca_bundle_unreadable"]


@pytest.mark.parametrize(
    "calls", [[call(401), call(200, *WORKFLOWS)], [call(401), call(401, *WORKFLOWS), call(200, *V1)]]
)
def test_a_role_that_is_too_low_for_some_calls_is_an_error(calls: list[Observation]) -> None:
    first = find([GOOD, *calls])[0]
    assert (first.code, first.severity) == ("api.role_insufficient", "error")


def test_one_style_alone_does_not_make_the_key_certain_to_be_wrong() -> None:
    assert find([token(400, error="invalid_client")])[0].confidence == "likely"
    both = [token(400, error="invalid_client"), token(400, style="basic", error="invalid_client")]
    assert find(both)[0].confidence == "certain"


def test_a_filter_by_name_is_named_when_another_hello_is_answered() -> None:
    without_name = handshake("ok", purpose="no_sni", server_name=None, bytes_received=3000)
    found = find([handshake("reset"), quiet(), without_name])[0]
    assert "filters by that name" in " ".join(found.because)
    assert found.fix[0].owner == "network"


def test_an_incomplete_chain_names_where_the_missing_certificate_lies() -> None:
    found = find(refused(20, LEAF_OF_INTERMEDIATE))[0]
    assert "http://pki.lab.test/issuing.cer" in " ".join(step.step for step in found.fix)


def test_a_redirected_token_request_gives_the_address_to_use() -> None:
    found = find([token(301, location=MOVED)])[0]
    assert "https://new.lab.test/webapi" in found.fix[0].step


@pytest.mark.parametrize("code", [10, 18, 19, 20, 26])
def test_a_refused_certificate_that_is_also_for_another_name_is_two_findings(code: int) -> None:
    found = find(refused(code, certificate(san=["login.hotspot.test"])))
    assert found[-1].code == "tls.hostname_mismatch"
    assert len(found) == 2


def test_an_address_that_the_certificate_does_not_hold_is_a_second_finding() -> None:
    leaf = certificate(san=["10.0.0.8", HOST])
    by_address = {"server_name": "10.0.0.7"}
    assert [f.code for f in find(refused(18, leaf, **by_address))] == ["tls.self_signed", "tls.ip_mismatch"]
    assert [f.code for f in find(refused(18, certificate(san=["10.0.0.7"]), **by_address))] == ["tls.self_signed"]


@pytest.mark.parametrize(
    ("checked_at", "clock", "codes"),
    [
        ("2026-01-01T00:00:00+00:00", "ok", ["tls.hostname_mismatch", "tls.cert_expired"]),
        ("2024-06-01T00:00:00+00:00", "ok", ["tls.hostname_mismatch"]),
        ("2026-01-01T00:00:00+00:00", "skewed", ["tls.hostname_mismatch"]),
    ],
)
def test_a_certificate_for_another_name_may_have_expired_too(checked_at: str, clock: str, codes: list[str]) -> None:
    """OpenSSL compares names before dates and names one reason only."""
    leaf = certificate(san=["other.lab.test"], not_after="2025-01-01T00:00:00+00:00")
    seen = [*refused(62, leaf), o("tls.trust", checked_at=checked_at), o("local.clock", clock, HOST, skew_s=0.5)]
    assert [found.code for found in find(seen) if found.stage == "tls"] == codes


def test_a_demand_for_a_client_certificate_stands_beside_an_expired_one() -> None:
    late = {"alerts": [{"direction": "received", "level": 2, "number": 116, "name": "certificate_required"}]}
    unverified = handshake(purpose="unverified", version="TLSv1.3")
    found = find([*refused(10), unverified, token(None, "alert", style="none", verified=False, **late)])
    assert [finding.code for finding in found] == ["tls.cert_expired", "tls.client_cert_required_13"]


def test_an_expired_certificate_does_not_hide_a_gateway_that_forbids() -> None:
    found = find([*refused(10), token(style="none", verified=False, **html(403)), get(**html(403), verified=False)])
    assert [finding.code for finding in found] == ["tls.cert_expired", "token.forbidden"]


@pytest.mark.parametrize(("status", "loses_form"), [(301, True), (302, True), (307, False), (308, False)])
def test_only_some_redirections_lose_the_form(status: int, loses_form: bool) -> None:
    (found,) = find([token(status, location=MOVED)])
    assert ("without the form" in " ".join(found.because)) is loses_form


def test_nothing_is_said_about_certificates_where_none_is_used() -> None:
    plain = token(502, server="nginx", verified=False)
    plain.evidence["url"] = f"http://{HOST}/webapi/oauth2/token"
    (found,) = find([plain])
    assert found.code == "http.gateway_5xx"
    assert "certificate" not in " ".join(found.because)


def test_a_gateway_that_answers_every_other_request_may_be_limiting_them() -> None:
    found = find([GOOD, call(503, server="nginx")])[0]
    assert found.code == "http.gateway_5xx"
    assert "limits the rate" in found.fix[0].step
    assert not any("limits the rate" in step.step for step in find([token(503, server="nginx")])[0].fix)


def test_what_the_token_endpoint_describes_is_one_line() -> None:
    (found,) = find([token(400, error="invalid_client", error_description="unknown\r\nclient")])
    assert "unknown client" in " ".join(found.because)
