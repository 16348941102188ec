"""What is observed of HTTP answers, whatever was asked."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.vocabulary.kernel import TCP_INFO
from ayx_diagnostics.vocabulary.sockets import STREAM_FAILURES
from ayx_diagnostics.vocabulary.terms import Key, Operation, flag, number, records, text, texts, whole
from ayx_diagnostics.vocabulary.tls import ALERTS, TLS_FAILURES

__all__ = ["ANSWER", "CUT_SHORT", "HTTP_OUTCOMES", "OPERATIONS", "OWN_REQUEST"]

#: How an exchange may end.
HTTP_OUTCOMES: Mapping[str, str] = {
    "ok": "any complete HTTP answer",
    "not_http": "the peer speaks something else",
    "body_cut": "the connection ended within the body",
    "body_stall": "the time was up within the body",
    "bad_encoding": "the body is not in the coding that its header names",
    "header_too_large": "",
    **STREAM_FAILURES,
    **{word: TLS_FAILURES[word] for word in ("alert", "protocol_error")},
}

#: The purpose of what the client itself asks.
OWN_REQUEST: Mapping[str, str] = {"": "the client's own request"}

#: A wait that the end of the whole diagnosis has cut.
CUT_SHORT = flag("cut_short", "the budget of the run ended the wait")

#: What is recorded of every exchange.
ANSWER = (
    text("method"),
    text("url", "without user information and query"),
    flag("verified", "whether the Server's certificate was verified"),
    text("address", "the Server's address that the connection leads to"),
    records("redirects", "that led here", Key("status", "whole"), Key("location", "text")),
    flag("reused", "not the connection's first exchange"),
    number("elapsed_s", "", "s"),
    whole("status"),
    text("reason", "the reason phrase"),
    whole("bytes_received", "of the answer, its head included", "bytes"),
    text("first_bytes", "of what is no HTTP, escaped"),
    text("server", "header Server"),
    text("via", "header Via"),
    text("location", "header Location, without its query"),
    text("content_type", "header Content-Type"),
    text("date", "header Date"),
    text("retry_after", "header Retry-After"),
    text("www_authenticate", "header WWW-Authenticate"),
    text("proxy_authenticate", "header Proxy-Authenticate"),
    text("x_cache", "header X-Cache"),
    text("x_squid_error", "header X-Squid-Error"),
    text("proxy_status", "header Proxy-Status (RFC 9209)"),
    text("content_encoding", "header Content-Encoding"),
    text("title", "of an HTML page"),
    text("body_start", "at most 500 characters"),
    flag("body_truncated", "reading stopped at the limit"),
    flag("json", "whether the body is JSON"),
    texts("json_keys", "of an object's top level"),
    flag("swagger", "whether it is an API document (Swagger or OpenAPI)"),
    text("swagger_title", "the document's title"),
    text("swagger_version", "the document's own version"),
    TCP_INFO,
    text("errno_name", "of a socket's failure; UNSENDABLE_REQUEST where it held what no header may"),
    text("tls_reason", "OpenSSL's token"),
    ALERTS,
)

OPERATIONS = (
    Operation(
        "http",
        "get",
        "URL",
        "A GET without credentials, to see who answers and what.",
        HTTP_OUTCOMES,
        (*ANSWER, text("host_header", "what the header Host named instead of the URL's host"), CUT_SHORT),
        {
            **OWN_REQUEST,
            "swagger": "the API's document",
            "root": "the first page",
            "gallery": "the Gallery's page",
            "legacy_docs": "the document of the first API",
            "without_webapi": "the document without /webapi",
            "usual_path": "the document at the usual path",
            "redirected": "where a redirection leads",
            "plain_http": "without TLS, on the same port",
            "large_request": "with a request of several segments",
            "large_in_small_segments": "the same in small segments",
            "other_host": "with another Host",
        },
    ),
)
