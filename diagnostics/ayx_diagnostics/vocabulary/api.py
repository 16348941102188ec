"""What is observed of the API's operations."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.http import ANSWER, CUT_SHORT, HTTP_OUTCOMES, OWN_REQUEST
from ayx_diagnostics.vocabulary.terms import Operation, by_name, flag, text, texts, whole

__all__ = ["OPERATIONS"]

_ITEMS = whole("items", "length of a JSON list")
_PROBLEMS = texts("problems", "how a good answer departs from the document, one text a place")

OPERATIONS = (
    Operation(
        "api",
        "call",
        "METHOD path",
        "An operation of the API is called.",
        HTTP_OUTCOMES,
        (
            *ANSWER,
            text("message", "of a JSON error"),
            _ITEMS,
            text("role_needed", "", "any", "artisan", "curator"),
            flag("authorization_sent", "whether a token was sent"),
            _PROBLEMS,
            CUT_SHORT,
        ),
        {**OWN_REQUEST, "other_address": "at another address of the name"},
    ),
    Operation(
        "api",
        "netrc",
        "host",
        "A netrc file has an entry that requests would use for the Server.",
        {"ok": ""},
        (text("path", "the file"), text("entry", "the host's own or the default one", "machine", "default")),
    ),
    Operation(
        "api",
        "read_document",
        "GET path",
        "The Server's own document is fetched, without a token, and compared with the client's.",
        HTTP_OUTCOMES,
        (
            *ANSWER,
            texts("differences", "in what it differs from the client's, at most 20"),
            whole("difference_count"),
            whole("known", "operations that the client has"),
            texts("missing", "those that the Server does not have, METHOD path"),
        ),
        OWN_REQUEST,
    ),
    Operation(
        "api",
        "smoke",
        "GET path",
        "One call of the smoke test.",
        {"ok": "any answer", "skipped": "", "other_error": "none, or one that could not be judged"},
        (
            text("operation_id", "in the document"),
            by_name("query", "what was asked with", "as_sent"),
            whole("status"),
            text("content_type", "header Content-Type"),
            flag("json", "whether the body is JSON"),
            _ITEMS,
            whole("bytes", "of a body that is no JSON", "bytes"),
            _PROBLEMS,
            text("message", "what ended it"),
            text("reason", "why it was skipped"),
        ),
    ),
)
