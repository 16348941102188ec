"""What is observed of the settings."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.terms import Key, Operation, flag, records, text

__all__ = ["OPERATIONS"]

OPERATIONS = (
    Operation(
        "config",
        "read_settings",
        "settings",
        "The client's settings are read; nothing is sent.",
        {"ok": "", "problem": "one of them cannot be used"},
        (
            records(
                "problems",
                "what is wrong with them",
                Key("code", "text", "a code of the catalogue, config.*"),
                Key("setting", "text"),
                Key("origin", "text", "who gave it"),
                Key("message", "text"),
                Key("remedy", "text", "what to do, if more than to correct the value"),
            ),
            flag("has_credentials", "whether there are key and secret"),
            text("scheme", "of the Server's address"),
            text("host", "the Server's name or address"),
            flag("is_loopback", "whether the Server is this machine"),
            flag("verify", "whether certificates are verified"),
            flag("allow_http", "whether credentials may be sent without TLS"),
        ),
    ),
)
