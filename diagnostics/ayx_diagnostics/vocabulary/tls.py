"""What is observed of TLS, and of what this machine trusts."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.vocabulary.kernel import TCP_INFO
from ayx_diagnostics.vocabulary.sockets import STREAM_FAILURES
from ayx_diagnostics.vocabulary.terms import Key, ListOf, Operation, by_name, flag, records, text, texts, whole

__all__ = ["ALERTS", "OPERATIONS", "TLS_FAILURES"]

ALERTS = records(
    "alerts",
    "in the order received, then sent",
    Key("direction", "text", "", words=("received", "sent")),
    Key("level", "whole", "1 warning, 2 fatal"),
    Key("number", "whole", "RFC 8446, 6"),
    Key("name", "text"),
)

#: How a handshake may fail, and a conversation over TLS.
TLS_FAILURES: Mapping[str, str] = {
    **STREAM_FAILURES,
    "verify_failed": "the certificate could not be verified",
    "alert": "the peer ended it with an alert",
    "not_tls": "the peer speaks something else",
    "protocol_error": "what came is not what TLS allows",
}

_CERTIFICATE = (
    Key("subject", "text", "RFC 4514"),
    Key("issuer", "text", "RFC 4514"),
    Key("common_name", "text"),
    Key("issuer_common_name", "text"),
    Key("issuer_organization", "text"),
    Key("san", ListOf("text"), "DNS names and IP addresses"),
    Key("not_before", "text", "RFC 3339"),
    Key("not_after", "text", "RFC 3339"),
    Key("self_issued", "flag", "subject and issuer are the same"),
    Key("self_signed", "flag"),
    Key("is_ca", "flag"),
    Key("key", "text", "e.g. RSA-2048"),
    Key("signature", "text", "e.g. sha256"),
    Key("sha256", "text", "of the DER form"),
    Key("eku", ListOf("text"), "extended key usage, by name"),
    Key("aia_issuers", ListOf("text"), "URLs of the issuer's certificate"),
    Key("has_aki", "flag", "has an authority key identifier"),
    Key("has_ski", "flag", "has a subject key identifier"),
    Key("basic_constraints_critical", "flag"),
    Key("problem", "text", "why it is no certificate that could be read"),
)

OPERATIONS = (
    Operation(
        "tls",
        "handshake",
        "address:port",
        "A TLS handshake.",
        {"ok": "", **TLS_FAILURES},
        (
            text("server_name", "SNI"),
            flag("via_proxy", "whether it went through a tunnel"),
            text("version", "agreed on"),
            text("cipher", "agreed on"),
            text("alpn", "agreed on"),
            text(
                "stage_reached",
                "how far it came",
                "client_hello_sent",
                "server_hello",
                "certificate",
                "certificate_request",
                "finished",
            ),
            whole("bytes_sent", "", "bytes"),
            whole("bytes_received", "", "bytes"),
            text("first_bytes", "what a peer said that does not speak TLS, escaped"),
            ALERTS,
            text("reason", "OpenSSL's token"),
            whole("verify_code", "OpenSSL's X509_V_ERR_*"),
            text("verify_message", "what the verifier says"),
            records("chain", "the certificates that came, leaf first", *_CERTIFICATE),
            records(
                "strict_path",
                "the path that was verified without the strict checks that other clients on this Python (3.13 or"
                " newer) make",
                *_CERTIFICATE,
            ),
            TCP_INFO,
            text("trust", "where trust came from"),
            flag("certificate_requested", "whether the Server asked for a client certificate"),
            text("errno_name", "of a socket's failure"),
        ),
        {
            "client": "as the client does",
            "unverified": "without verifying, after that failed",
            "no_sni": "without naming the Server",
            "legacy": "with one version alone",
            "small_segments": "with small segments in both directions",
            "direct": "past the proxy that is in use",
            "other_address": "at another address of the name",
            "again": "as the client did, a moment later",
            "verifying": "where nothing is to be verified",
        },
    ),
    Operation(
        "tls",
        "trust",
        "host",
        "Which stores would trust the chain's issuer? Found out offline.",
        {"ok": ""},
        (
            by_name("stores", "by the name of each", "text", "trusted", "untrusted", "unreadable"),
            texts("akin", "the user's own roots of the missing issuer's organisation"),
            flag("has_public_root", "whether certifi knows the issuer"),
            text("checked_at", "this machine's time (RFC 3339), to judge certificates' dates by"),
        ),
    ),
    Operation(
        "tls",
        "ca_bundle",
        "path",
        "The configured certificates are loaded.",
        {
            "ok": "",
            "missing": "there is no such file",
            "unreadable": "",
            "no_certificates": "it holds none in PEM form",
        },
        (
            text("origin", "who named it"),
            whole("count", "certificates in it"),
            text("message", "what the library says"),
        ),
    ),
    Operation(
        "tls",
        "versions",
        "address:port",
        "One handshake for each version of TLS alone.",
        {"ok": ""},
        (texts("accepted", "TLSv1 to TLSv1.3"), by_name("refused", "why, by version")),
    ),
)
