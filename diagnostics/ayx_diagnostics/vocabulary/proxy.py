"""What is observed of proxies: which one is chosen, and what becomes of CONNECT."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.dns import LOOKUP_EVIDENCE, LOOKUP_OUTCOMES
from ayx_diagnostics.vocabulary.http import ANSWER, HTTP_OUTCOMES
from ayx_diagnostics.vocabulary.sockets import CONNECT_FAILURES
from ayx_diagnostics.vocabulary.tcp import CONNECT_EVIDENCE
from ayx_diagnostics.vocabulary.terms import Key, Operation, by_name, flag, records, text, texts, whole
from ayx_diagnostics.vocabulary.tls import TLS_FAILURES

__all__ = ["OPERATIONS"]

OPERATIONS = (
    Operation(
        "proxy",
        "select",
        "URL",
        "Which way does the client's own request go, and which ways would other clients take?",
        {"direct": "without a proxy", "proxy": "", "invalid": "the proxy's address cannot be used"},
        (
            text("proxy", "its URL without password"),
            text("origin", "who chose"),
            text("scheme", "of the proxy"),
            text("proxy_host"),
            whole("proxy_port"),
            flag("has_credentials", "whether its URL has a user name"),
            text("no_proxy", "the value"),
            text("no_proxy_origin", "who gave it"),
            text("no_proxy_match", "the entry that matched"),
            text("message", "what is wrong with an invalid one"),
            text("code", "the catalogue's code of an invalid one"),
            by_name("by_library", "httpx, requests, urllib, curl: direct, a proxy's URL or error: text"),
            by_name("variables", "values without password"),
            records(
                "candidates",
                "proxies known to this machine that the client's settings do not use",
                Key("proxy", "text", "its URL without password"),
                Key("origin", "text"),
                Key("variable", "text"),
            ),
        ),
    ),
    Operation(
        "proxy",
        "pac",
        "URL",
        "A proxy script was found where browsers look for one.",
        {"ok": ""},
        (*ANSWER, texts("proxies", "URLs of those that it names")),
        {"pac": "a proxy script"},
    ),
    Operation(
        "proxy",
        "resolve",
        "proxy host",
        "The proxy's name is resolved, as dns system_lookup.",
        LOOKUP_OUTCOMES,
        LOOKUP_EVIDENCE,
    ),
    Operation(
        "proxy",
        "connect",
        "address:port",
        "A connection to the proxy is opened.",
        {"ok": "", **CONNECT_FAILURES},
        CONNECT_EVIDENCE,
    ),
    Operation(
        "proxy",
        "tunnel",
        "host:port",
        "The proxy is asked for a tunnel: CONNECT, or SOCKS (RFC 1928).",
        {
            "ok": "2xx, or the SOCKS proxy granted it",
            "status": "any other status line, or reply",
            "not_http": HTTP_OUTCOMES["not_http"],
            "not_socks": "the peer speaks something else",
            "header_too_large": "",
            **TLS_FAILURES,
        },
        (
            text("proxy", "its URL without password"),
            flag("candidate", "not the client's own proxy"),
            text("phase", "where it ended; tls is the handshake with an https:// proxy", "tls", "request"),
            whole("status", "of HTTP, or the reply of SOCKS (RFC 1928, 6)"),
            text("reason", "the reason phrase"),
            texts("proxy_authenticate", "headers Proxy-Authenticate"),
            text("server", "header Server"),
            text("via", "header Via"),
            text("x_squid_error", "header X-Squid-Error"),
            text("proxy_status", "header Proxy-Status (RFC 9209)"),
            text("location", "header Location, without its query"),
            text("content_type", "header Content-Type"),
            text("body_start", "at most 500 characters"),
            text("first_bytes", "of what is no HTTP, escaped"),
            whole("bytes_received", "", "bytes"),
            text("errno_name", "of a socket's failure"),
            text("tls_reason", "of the handshake with an https:// proxy: OpenSSL's token"),
            text("verify_message", "of the handshake with an https:// proxy"),
        ),
    ),
)
