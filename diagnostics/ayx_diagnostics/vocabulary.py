"""The words between probes and rules: every operation, its outcomes and its evidence.

A probe may write only what stands here; a rule may rely on nothing else. All evidence is JSON (None, bool, int, float,
str, list, dict), times in seconds unless the name ends in ``_ms``. A key that could not be learnt is absent or None.

Sockets (``SOCKET_OUTCOMES``)
    ``ok``; ``timeout`` (own timer or ETIMEDOUT); ``refused`` ECONNREFUSED; ``reset`` ECONNRESET/EPIPE/ECONNABORTED;
    ``closed`` (FIN where bytes were due); ``host_unreachable`` EHOSTUNREACH; ``net_unreachable`` ENETUNREACH;
    ``permission_denied`` EACCES; ``not_permitted`` EPERM; ``invalid_argument`` EINVAL; ``address_not_available``
    EADDRNOTAVAIL; ``too_many_files`` EMFILE/ENFILE; ``protocol_unreachable`` ENOPROTOOPT; ``other_error``.
    Windows numbers map to the same words (WSAETIMEDOUT 10060 is ``timeout`` and so on).

config
    ``read_settings`` target ``settings``: ok | ``problem``.
        ``problems``: list of {code, setting, origin, message, remedy (what to do, if more than to correct the value)}
        (codes are catalogue codes ``config.*``),
        ``has_credentials``: bool, ``scheme``, ``host``, ``is_loopback``: bool, ``verify``: bool, ``allow_http``: bool.
local
    ``source_address`` target ``address``: socket outcome of a UDP connect (sends nothing).
        ``address``, ``family`` (4 | 6), ``local_address``, ``errno``, ``errno_name``.
    ``loopback_connect`` target ``127.0.0.1``: ``ok`` when a socket to a listener of our own on loopback connects, else
        the socket outcome. ``errno``, ``errno_name``.
    ``departure`` target ``address:port``: do SYNs that are refused leave this machine? ok | ``stayed`` |
        ``unsupported``.
        ``sent``, ``transmitted`` (by all network interfaces meanwhile), ``looped`` (packets on loopback meanwhile).
    ``clock`` target host: ok | ``skewed``. ``skew_s`` (peer minus local), ``date`` (the Date header), ``source``.
proxy
    ``select`` target URL: ``direct`` | ``proxy`` | ``invalid``.
        ``proxy`` (no password), ``origin``, ``scheme``, ``proxy_host``, ``proxy_port``, ``has_credentials``,
        ``no_proxy`` (the value), ``no_proxy_origin``, ``no_proxy_match`` (the token that matched), ``message``,
        ``code`` (catalogue code of an invalid one), ``by_library``: {httpx|requests|urllib|curl: ``direct`` | proxy URL
        | ``error: text``},
        ``variables``: {NAME: value without password},
        ``candidates``: list of {proxy, origin, variable}: proxies known to this machine that the client's settings do
        not use.
    ``pac`` target URL: ok, where a proxy script was found. Evidence as http ``get`` plus ``proxies`` (URLs of those
        that it names).
    ``resolve`` target proxy host: as dns ``system_lookup``.
    ``connect`` target ``address:port``: as tcp ``connect``.
    ``tunnel`` target ``host:port``: what became of CONNECT. ``ok`` (2xx) | ``status`` (any other status line) |
        ``not_http`` | ``header_too_large`` | a socket outcome | a tls outcome | ``not_socks``.
        ``proxy`` (no password), ``status``, ``reason``, ``proxy_authenticate`` (list), ``server``, ``via``,
        ``x_squid_error``, ``proxy_status``, ``location``, ``content_type``, ``body_start`` (text, at most 500),
        ``first_bytes`` (text repr), ``bytes_received``, ``candidate`` (bool: not the client's own proxy),
        ``phase`` (``connect`` | ``tls`` | ``request``: where a socket or tls outcome arose), ``errno_name``,
        ``tls_reason`` and ``verify_message`` (of the handshake with an https:// proxy). With a SOCKS proxy ``status``
        and
        ``reason`` are its reply (RFC 1928, 6).
dns
    ``hosts_file`` target name: ``ok`` when it lists the name | ``absent``. ``addresses``, ``path``.
    ``resolver_config`` target ``system``: ok | ``empty``. ``nameservers``, ``search``, ``source``.
    ``system_lookup`` target name: getaddrinfo. ok | ``noname`` | ``nodata`` | ``again`` | ``fail`` | ``timeout`` |
        ``label_invalid`` | ``other_error``. ``addresses`` (list, in the order given), ``errno`` (EAI number), ``text``.
    ``query`` target ``name TYPE @nameserver``: ok | ``nxdomain`` | ``nodata`` | ``servfail`` | ``refused`` |
        ``formerr`` | ``notimp`` | ``other_rcode`` | ``timeout`` | ``port_closed`` | ``unreachable`` | ``truncated`` |
        ``wrong_id`` | ``malformed`` | ``closed`` (TCP: before the whole answer) | ``label_invalid`` (nothing was sent).
        ``name``, ``rdtype``, ``nameserver``, ``transport`` (udp | tcp), ``rcode``, ``addresses``, ``cnames`` (list of
        [owner, target]), ``cname_loop`` (bool), ``authority_soa`` (owner name), ``ede`` (list of text), ``rtt_ms``,
        ``purpose`` (``address`` | ``random_label`` | ``cd_bit`` | ``no_edns`` | ``tcp_retry`` | ``absolute`` |
        ``search``: the name with a suffix of the search list | ``again``: after silence, from whatever address),
        ``replied_from`` (of ``wrong_id``: an address that was not asked),
        ``errno``, ``errno_name`` (of ``port_closed``, ``unreachable``, ``closed``), ``rcode`` is a name (``SERVFAIL``),
        ``icmp`` (as tcp ``connect``), ``immediate`` (bool: this machine refused to send), ``local_address``.
tcp
    ``connect`` target ``address:port``: socket outcome.
        ``address``, ``port``, ``family``, ``local_address``, ``errno``, ``errno_name``, ``timeout_s``, ``rtt_ms``,
        ``icmp``: {type, code, offender, origin (``icmp`` | ``icmp6`` | ``local``), errno_name} when the kernel's error
        queue said who refused, ``sender_unknown`` (true where the system has no such queue),
        ``tcp_info``: {...}, ``immediate`` (bool: failed within 5 ms, no packet needed),
        ``send_failures`` (of a timeout: how many repeated packets of this machine did not leave it meanwhile; Linux).
    ``quiet`` target ``address:port``: connect, say nothing, wait. ok (still open) | ``reset`` | ``closed`` | ``data``
        (the peer spoke first) | socket outcome of the connect. ``first_bytes``, ``waited_s``, ``errno``,
        ``errno_name``.
    ``path`` target ``address:port``: the SYN hop ladder. ok (reached: SYN/ACK or RST) | ``silent`` | ``unsupported``.
        ``hops``: list of {ttl, responder, errno_name, icmp_type, icmp_code, ms}, ``last_responder``, ``reached_ttl``,
        ``silent_from`` (ttl), ``transport`` (``tcp`` | ``udp``: datagrams instead of SYNs, to see how far the host is).
    ``control`` target ``address:port``: a connect that separates hypotheses. Evidence as ``connect`` plus ``purpose``
        (``other_port`` | ``reference_host`` | ``nameserver`` | ``nobody``: an address that nobody has
        | ``patience``: the Server's own port, waited for until a
        last router has said that nobody has the address | ``published``: an address that only nameservers give).
    ``idle`` target ``address:port``: a call over a connection that was left alone: ok | as http. ``address``, ``port``,
        ``idle_s``, ``tcp_info``.
    ``series`` target ``address:port``: several connects, to count those that needed a repeated SYN. ok when any was
        answered, else ``timeout``. ``address``, ``port``, ``purpose`` (``server`` | ``other_port``), ``attempts``,
        ``answered``, ``repeats`` (list: the repetitions of each answered one), ``rtt_ms`` (list).
tls
    ``handshake`` target ``address:port``: ok | ``verify_failed`` | ``alert`` | ``not_tls`` | ``protocol_error`` |
        a socket outcome (``timeout``, ``reset``, ``closed`` in the middle of it).
        ``server_name``, ``via_proxy`` (bool), ``version``, ``cipher``, ``alpn``, ``stage_reached``
        (``client_hello_sent``
        | ``server_hello`` | ``certificate`` | ``certificate_request`` | ``finished``), ``bytes_sent``,
        ``bytes_received``, ``first_bytes`` (text repr of what a non-TLS peer said), ``alerts``: list of {direction
        (``received`` | ``sent``), level, number, name}, ``reason`` (OpenSSL reason token), ``verify_code``,
        ``verify_message``, ``chain``: list of certificates, leaf first, ``tcp_info``, ``trust`` (where trust came
        from),
        ``certificate_requested`` (bool), ``purpose`` (``client`` | ``unverified`` | ``no_sni`` | ``other_sni`` |
        ``tls12`` | ``legacy`` | ``small_segments`` | ``direct`` (where a proxy is in use) |
        ``other_address`` | ``again`` | ``verifying`` (where nothing is to be verified)), ``errno_name`` (of
        a socket outcome).
        A certificate: {subject, issuer, common_name, issuer_common_name, issuer_organization, san (list of DNS and IP
        names), not_before, not_after (RFC 3339), self_issued, self_signed, is_ca, key (``RSA-2048`` …), signature
        (``sha256`` …), sha256, eku (list of names), aia_issuers (list of URLs), has_aki, has_ski,
        basic_constraints_critical}. ``strict_path``: the same of the path that was verified without the strict checks
        that other clients on this Python (3.13 or newer) make.
    ``trust`` target host: the trust matrix, offline over the chain: ok. ``stores``: {name: ``trusted`` | ``untrusted``
        | ``unreadable``}, ``akin`` (names of the user's own roots of the missing issuer's organisation),
        ``has_public_root`` (bool or None: certifi knows the chain's issuer), ``checked_at`` (this machine's time as
        RFC 3339, to judge the dates of certificates by).
    ``ca_bundle`` target path: ok | ``missing`` | ``unreadable`` | ``no_certificates``. ``origin``, ``count``,
    ``message``.
    ``versions`` target ``address:port``: ok. ``accepted``: list of ``TLSv1`` … ``TLSv1.3``, ``refused``: {version:
    why}.
http
    ``get`` target URL: ok (any complete HTTP answer) | ``not_http`` | ``body_cut`` | ``body_stall`` | ``bad_encoding``
    |
        ``header_too_large`` | a socket outcome | a tls outcome.
        ``method``, ``url``, ``status``, ``reason``, ``server``, ``via``, ``location``, ``content_type``, ``date``,
        ``retry_after``, ``www_authenticate``, ``x_cache``, ``proxy_status``, ``title`` (of an HTML page),
        ``body_start``
        (text, at most 500), ``bytes_received``, ``json`` (bool: the body is JSON), ``json_keys`` (top level),
        ``swagger``
        (bool: a Swagger document), ``swagger_title``, ``swagger_version``, ``redirects``: list of {status, location},
        ``verified`` (bool), ``address``, ``purpose`` (``swagger`` | ``root`` | ``gallery`` | ``legacy_docs`` |
        ``doubled``
        | ``without_webapi`` | ``usual_path`` | ``redirected`` (a hop after a redirection) | ``plain_http`` |
        ``large_request`` | ``large_in_small_segments`` | ``other_host``: with ``host_header`` instead of the URL's
        host),
        ``first_bytes``, ``elapsed_s``,
        ``proxy_authenticate``, ``x_squid_error``, ``content_encoding``, ``body_truncated`` (bool: reading stopped at
        the limit), ``reused`` (bool: not the connection's first exchange),
        ``tcp_info`` (of ``timeout`` and ``body_stall``),
        ``errno_name``, ``tls_reason`` (OpenSSL reason token), ``alerts`` (as in tls ``handshake``; a TLS 1.3 Server's
        ``certificate_required`` arrives here).
token
    ``request`` target token URL: outcome as http ``get`` | ``withheld`` (not sent).
        Evidence as http ``get`` plus ``style`` (``body`` | ``basic`` |
        ``none``: without credentials), ``error``, ``error_description``, ``has_access_token``, ``token_type``,
        ``token_length``, ``expires_in`` (as sent), ``address``, ``withheld`` (why credentials were not sent),
        ``purpose`` (of a request that connect() does not make: ``other_style`` | ``unencoded`` |
        ``authorization_header``), ``cut_short`` (bool: the budget of the run ended the wait).
api
    ``call`` target ``METHOD path``: outcome as http ``get``. Evidence as http ``get`` plus ``message`` (of a JSON
    error),
        ``items`` (length of a JSON list), ``role_needed`` (``any`` | ``curator``), ``authorization_sent`` (bool),
        ``purpose`` (``other_address``: another address of the same name), ``cut_short`` as above,
        ``problems`` (how a good answer departs from the document, one text a place).
    ``netrc`` target host: ok, where a netrc file has an entry that ``requests`` would use for it.
        ``path``, ``entry`` (``machine`` | ``default``).
    ``read_document`` target ``GET path``: outcome as http ``get``. Evidence as http ``get`` plus ``differences`` (in
        what the Server's own document differs from the client's, at most 20 texts), ``difference_count``,
        ``known`` (how many operations the client has), ``missing`` (those that the Server does not have, ``METHOD
        path``).
    ``smoke`` target ``GET path``: one call of the smoke test. ok (any answer) | ``skipped`` | ``other_error``.
        ``operation_id``, ``query``, ``status``, ``content_type``, ``json`` (bool), ``items``, ``bytes``, ``problems``
        (how the answer departs from the document, one text a place), ``message``, ``reason`` (why it was skipped).
"""

from __future__ import annotations

import errno

#: Windows' own socket errors start here (WSABASEERR).
_WINSOCK = 10000

#: Where libraries look for a bundle of certificates: Python's ssl and httpx; requests; curl.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

__all__ = ["CA_VARIABLES", "SOCKET_OUTCOMES", "errno_name", "socket_outcome"]

#: errno (POSIX) or WinError -> outcome token. Numbers that a platform lacks are added by value.
SOCKET_OUTCOMES: dict[int, str] = {
    errno.ETIMEDOUT: "timeout",
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.EPIPE: "reset",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ENETUNREACH: "net_unreachable",
    errno.EACCES: "permission_denied",
    errno.EPERM: "not_permitted",
    errno.EINVAL: "invalid_argument",
    errno.EADDRNOTAVAIL: "address_not_available",
    errno.EMFILE: "too_many_files",
    errno.ENFILE: "too_many_files",
    errno.ENOPROTOOPT: "protocol_unreachable",
    getattr(errno, "EHOSTDOWN", 10064): "host_unreachable",
    getattr(errno, "ENETDOWN", 10050): "net_unreachable",
    getattr(errno, "ENOBUFS", 10055): "address_not_available",
    10060: "timeout",
    10061: "refused",
    10054: "reset",
    10053: "reset",
    10064: "host_unreachable",
    10065: "host_unreachable",
    10050: "net_unreachable",
    10051: "net_unreachable",
    10013: "permission_denied",
    10022: "invalid_argument",
    10049: "address_not_available",
    10048: "address_not_available",
    10055: "address_not_available",
    10024: "too_many_files",
    10042: "protocol_unreachable",
}


def socket_outcome(error: OSError) -> str:
    """Return the outcome token of a socket error.

    Args:
        error: What the socket call raised; ``TimeoutError`` without a number is our own timer.

    Returns:
        A word of ``SOCKET_OUTCOMES``, or ``other_error``.
    """
    if isinstance(error, TimeoutError):
        return "timeout"
    number = getattr(error, "winerror", None) or error.errno
    return SOCKET_OUTCOMES.get(number, "other_error") if number is not None else "other_error"


def errno_name(number: int | None) -> str | None:
    """Return the symbolic name of an error number (``ECONNREFUSED``), or ``WinError N`` for one of Windows' own."""
    if number is None:
        return None
    return errno.errorcode.get(number) or (f"WinError {number}" if number >= _WINSOCK else f"errno {number}")
