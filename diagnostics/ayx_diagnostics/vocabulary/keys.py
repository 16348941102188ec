"""The names of the vocabulary, for the type checker: a rule that reads a key which no probe writes does not pass it.

A name may stand in several lists, for its type may differ from operation to operation. A test holds that each list has
exactly the names of ``operations``.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "FlagKey",
    "MappingKey",
    "MappingsKey",
    "NumberKey",
    "OperationName",
    "TextKey",
    "TextsKey",
    "WholeKey",
    "WholeMember",
]

#: What a probe does; the stage says to what.
OperationName = Literal[
    "ca_bundle",
    "call",
    "clock",
    "connect",
    "control",
    "departure",
    "get",
    "handshake",
    "hosts_file",
    "idle",
    "loopback_connect",
    "netrc",
    "pac",
    "path",
    "query",
    "quiet",
    "read_document",
    "read_settings",
    "request",
    "resolve",
    "resolver_config",
    "select",
    "series",
    "smoke",
    "source_address",
    "system_lookup",
    "trust",
    "tunnel",
    "versions",
]

#: Keys that hold a text.
TextKey = Literal[
    "address",
    "alpn",
    "authority_soa",
    "body_start",
    "checked_at",
    "cipher",
    "code",
    "content_encoding",
    "content_type",
    "date",
    "entry",
    "errno_name",
    "error",
    "error_description",
    "first_bytes",
    "host",
    "host_header",
    "last_responder",
    "local_address",
    "location",
    "message",
    "method",
    "name",
    "nameserver",
    "no_proxy",
    "no_proxy_match",
    "no_proxy_origin",
    "operation_id",
    "origin",
    "path",
    "phase",
    "proxy",
    "proxy_authenticate",
    "proxy_host",
    "proxy_status",
    "purpose",
    "rcode",
    "rdtype",
    "reason",
    "replied_from",
    "retry_after",
    "role_needed",
    "scheme",
    "server",
    "server_name",
    "source",
    "stage_reached",
    "style",
    "swagger_title",
    "swagger_version",
    "text",
    "title",
    "tls_reason",
    "token_type",
    "transport",
    "trust",
    "url",
    "verify_message",
    "version",
    "via",
    "withheld",
    "www_authenticate",
    "x_cache",
    "x_squid_error",
]

#: Keys that hold an integer.
WholeKey = Literal[
    "answered",
    "attempts",
    "bytes",
    "bytes_received",
    "bytes_sent",
    "count",
    "difference_count",
    "errno",
    "family",
    "items",
    "known",
    "looped",
    "port",
    "proxy_port",
    "reached_ttl",
    "send_failures",
    "sent",
    "silent_from",
    "status",
    "token_length",
    "transmitted",
    "verify_code",
]

#: Keys that hold a number which need not be an integer.
NumberKey = Literal[
    "elapsed_s",
    "expires_in",
    "idle_s",
    "rtt_ms",
    "skew_s",
    "timeout_s",
    "waited_s",
]

#: Keys that hold true or false.
FlagKey = Literal[
    "allow_http",
    "authorization_sent",
    "body_truncated",
    "candidate",
    "certificate_requested",
    "cname_loop",
    "cut_short",
    "has_access_token",
    "has_credentials",
    "has_public_root",
    "immediate",
    "is_loopback",
    "json",
    "reused",
    "sender_unknown",
    "swagger",
    "verified",
    "verify",
    "via_proxy",
]

#: Keys that hold a list of texts.
TextsKey = Literal[
    "accepted",
    "addresses",
    "akin",
    "differences",
    "ede",
    "json_keys",
    "missing",
    "nameservers",
    "problems",
    "proxies",
    "proxy_authenticate",
    "search",
]

#: Keys that hold an object.
MappingKey = Literal[
    "by_library",
    "icmp",
    "query",
    "refused",
    "stores",
    "tcp_info",
    "variables",
]

#: Keys that hold a list of objects.
MappingsKey = Literal[
    "alerts",
    "candidates",
    "chain",
    "hops",
    "problems",
    "redirects",
    "strict_path",
]

#: Members of such objects that hold an integer.
WholeMember = Literal[
    "bytes_acked",
    "bytes_received",
    "code",
    "icmp_code",
    "icmp_type",
    "level",
    "lost",
    "number",
    "pmtu",
    "retransmits",
    "snd_mss",
    "status",
    "total_retrans",
    "ttl",
    "type",
    "unacked",
]
