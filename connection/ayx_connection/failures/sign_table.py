"""The rows of the small, certain table: what a number, a token or a status proves by itself.

Everything here is the same in every language of the operating system. A row names a code of the catalogue only where
that one sign proves it, whatever the rest of the world looks like. The others name the stage at most: a refused
connection can be a stopped service, a firewall, a wrong port, and only a diagnosis tells which. ``ayxctl explain``
builds on this table; the rules of the diagnosis see more and go further.

Sources: errno(3) and getaddrinfo(3) of Linux, macOS and the BSDs; Windows Sockets error codes and system error codes
(asyncio on Windows gives the latter, ``WinError 1225``); ``openssl/x509_vfy.h`` and ``openssl/sslerr.h``; Windows
``winerror.h`` (CERT_E_*) and macOS ``SecBase.h`` (errSec*), which is what verification gives there; RFC 8446 section 6
(alerts); RFC 9110 section 15; RFC 6749 section 5.2; h11's and httpcore's words.
"""

from __future__ import annotations

__all__ = [
    "CERTIFICATES",
    "CONNECT",
    "ERRNOS",
    "EXCEPTIONS",
    "GAIERRORS",
    "HANGS_UP",
    "OPENSSL",
    "STATUSES",
    "TOKEN_ERRORS",
    "TOKEN_STATUSES",
]

_Numbers = tuple[int, ...]

#: name, Linux, macOS and BSD, Windows, stage, code, meaning
ERRNOS: tuple[tuple[str, _Numbers, _Numbers, _Numbers, str | None, str | None, str], ...] = (
    ("EPERM", (1,), (1,), (1,), "local", None, "this machine does not permit the connection"),
    (
        "EACCES",
        (13,),
        (13,),
        (10013, 13),
        "tcp",
        None,
        "a firewall, a routing rule or a sandbox forbids the connection",
    ),
    ("EINVAL", (22,), (22,), (10022, 22), "local", None, "a routing rule of this machine discards the connection"),
    ("ENFILE", (23,), (23,), (23,), "local", "local.fd_limit", "this machine has too many open files"),
    ("EMFILE", (24,), (24,), (10024, 24), "local", "local.fd_limit", "this process has too many open files"),
    ("EPIPE", (32,), (32,), (10058, 109), None, None, "the other side had closed the connection"),
    ("ENOPROTOOPT", (92,), (42,), (10042,), "tcp", None, "something on the way refuses the protocol"),
    ("EAFNOSUPPORT", (97,), (47,), (10047,), "local", None, "this machine does not speak that kind of address"),
    ("EADDRINUSE", (98,), (48,), (10048,), "local", None, "this machine has no free local port"),
    ("EADDRNOTAVAIL", (99,), (49,), (10049,), "local", None, "this machine has no address or port to connect from"),
    ("ENETDOWN", (100,), (50,), (10050,), "local", None, "this machine's network is down"),
    ("ENETUNREACH", (101,), (51,), (10051, 1231), "tcp", None, "there is no route to that address"),
    ("ENETRESET", (102,), (52,), (10052,), None, None, "the network dropped the connection"),
    ("ECONNABORTED", (103,), (53,), (10053, 1236), None, None, "this machine gave the connection up"),
    ("ECONNRESET", (104,), (54,), (10054, 64), None, None, "the connection was reset"),
    ("ENOBUFS", (105,), (55,), (10055,), "local", None, "this machine has no room for another connection"),
    ("ETIMEDOUT", (110,), (60,), (10060, 121), None, None, "no answer came in time"),
    ("ECONNREFUSED", (111,), (61,), (10061, 1225), "tcp", None, "nothing listens there, or a firewall refuses"),
    ("EHOSTDOWN", (112,), (64,), (10064,), "tcp", None, "nobody answers at that address"),
    (
        "EHOSTUNREACH",
        (113,),
        (65,),
        (10065, 1232),
        "tcp",
        None,
        "that address cannot be reached, or a firewall says so",
    ),
)

#: name, Linux (glibc, musl), macOS and BSD, Windows, meaning; every one of them has several causes
GAIERRORS: tuple[tuple[str, _Numbers, _Numbers, _Numbers, str], ...] = (
    ("EAI_NONAME", (-2,), (8,), (11001,), "that name is not known"),
    ("EAI_AGAIN", (-3,), (2,), (11002,), "no nameserver gave an answer"),
    ("EAI_FAIL", (-4,), (4,), (11003,), "the nameserver failed"),
    ("EAI_NODATA", (-5,), (7,), (11004,), "that name has no address"),
    ("EAI_FAMILY", (-6,), (5,), (10047,), "that kind of address is not supported"),
    ("EAI_SERVICE", (-8,), (9,), (10109,), "that port is not known"),
    ("EAI_ADDRFAMILY", (-9,), (1,), (), "that name has no address of this kind"),
    ("EAI_MEMORY", (-10,), (6,), (8,), "this machine has no memory left for the lookup"),
    ("EAI_SYSTEM", (-11,), (11,), (), "this machine failed in the lookup"),
)

_EXPIRED = "the certificate has expired, or this machine's clock is wrong"
_NOT_YET = "the certificate is not valid yet, or this machine's clock is wrong"
_UNTRUSTED = "the certificate's issuer is not trusted here"
_OTHER_NAME = "the certificate is for another name"
_WEAK = "the certificate's key or signature is too weak"
_STRICT = "a certificate lacks what Python 3.13 and newer demand"
#: name, number (OpenSSL's are small, Windows' are HRESULTs, macOS' are negative), code, meaning
CERTIFICATES: tuple[tuple[str, int, str | None, str], ...] = (
    ("X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT", 2, None, _UNTRUSTED),
    ("X509_V_ERR_CERT_SIGNATURE_FAILURE", 7, None, "the certificate's signature is wrong"),
    ("X509_V_ERR_CERT_NOT_YET_VALID", 9, "tls.cert_not_yet_valid", _NOT_YET),
    ("X509_V_ERR_CERT_HAS_EXPIRED", 10, "tls.cert_expired", _EXPIRED),
    ("X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT", 18, "tls.self_signed", "the certificate is self-signed"),
    ("X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN", 19, None, _UNTRUSTED),
    ("X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY", 20, None, _UNTRUSTED),
    ("X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE", 21, None, _UNTRUSTED),
    ("X509_V_ERR_CERT_REVOKED", 23, None, "the certificate was revoked"),
    ("X509_V_ERR_INVALID_CA", 24, None, "a certificate in the chain may not issue others"),
    ("X509_V_ERR_INVALID_PURPOSE", 26, "tls.wrong_eku", "the certificate is not one for a server"),
    ("X509_V_ERR_CERT_UNTRUSTED", 27, None, _UNTRUSTED),
    ("X509_V_ERR_PERMITTED_VIOLATION", 47, "tls.name_constraints", "its issuer may not certify that name"),
    ("X509_V_ERR_EXCLUDED_VIOLATION", 48, "tls.name_constraints", "its issuer may not certify that name"),
    ("X509_V_ERR_HOSTNAME_MISMATCH", 62, "tls.hostname_mismatch", _OTHER_NAME),
    ("X509_V_ERR_IP_ADDRESS_MISMATCH", 64, "tls.ip_mismatch", "the certificate does not name that IP address"),
    ("X509_V_ERR_EE_KEY_TOO_SMALL", 66, "tls.weak_key_or_sig", _WEAK),
    ("X509_V_ERR_CA_KEY_TOO_SMALL", 67, "tls.weak_key_or_sig", _WEAK),
    ("X509_V_ERR_CA_MD_TOO_WEAK", 68, "tls.weak_key_or_sig", _WEAK),
    ("X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER", 85, "tls.strict_missing_aki", _STRICT),
    ("X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER", 86, "tls.strict_missing_aki", _STRICT),
    ("X509_V_ERR_CA_BCONS_NOT_CRITICAL", 89, "tls.strict_basic_constraints", _STRICT),
    ("X509_V_ERR_CA_CERT_MISSING_KEY_USAGE", 92, "tls.strict_basic_constraints", _STRICT),
    ("CRYPT_E_REVOKED", 0x80092010, None, "the certificate was revoked"),
    ("CRYPT_E_NO_REVOCATION_CHECK", 0x80092012, "tls.ocsp_crl_blocked", "whether it was revoked could not be asked"),
    ("CRYPT_E_REVOCATION_OFFLINE", 0x80092013, "tls.ocsp_crl_blocked", "whether it was revoked could not be asked"),
    ("CERT_E_EXPIRED", 0x800B0101, None, "the certificate has expired or is not valid yet, or the clock is wrong"),
    ("CERT_E_UNTRUSTEDROOT", 0x800B0109, None, _UNTRUSTED),
    ("CERT_E_CHAINING", 0x800B010A, None, _UNTRUSTED),
    ("CERT_E_CN_NO_MATCH", 0x800B010F, None, _OTHER_NAME),
    ("CERT_E_WRONG_USAGE", 0x800B0110, "tls.wrong_eku", "the certificate is not one for a server"),
    ("CERT_E_INVALID_NAME", 0x800B0114, "tls.name_constraints", "its issuer may not certify that name"),
    ("errSecHostNameMismatch", -67602, None, _OTHER_NAME),
    ("errSecInvalidExtendedKeyUsage", -67609, "tls.wrong_eku", "the certificate is not one for a server"),
    (
        "errSecIncompleteCertRevocationCheck",
        -67635,
        "tls.ocsp_crl_blocked",
        "whether it was revoked could not be asked",
    ),
    ("errSecCertificateExpired", -67818, "tls.cert_expired", _EXPIRED),
    ("errSecCertificateNotValidYet", -67819, "tls.cert_not_yet_valid", _NOT_YET),
    ("errSecCertificateRevoked", -67820, None, "the certificate was revoked"),
    ("errSecNotTrusted", -67843, None, _UNTRUSTED),
)

#: What OpenSSL says of a peer that ends the connection in the middle of TLS, in a handshake or long after one.
HANGS_UP = "UNEXPECTED_EOF_WHILE_READING"
_VERSION = "there is no TLS version that both sides speak"
_OUR_CERTIFICATE = "the other side refuses the client certificate, or wants one"
#: reason, code, meaning
OPENSSL: tuple[tuple[str, str | None, str], ...] = (
    ("CERTIFICATE_VERIFY_FAILED", None, "the certificate was refused"),
    ("WRONG_VERSION_NUMBER", None, "what answers does not speak TLS"),
    ("HTTP_REQUEST", None, "what answers speaks plain HTTP"),
    ("HTTPS_PROXY_REQUEST", None, "what answers speaks plain HTTP"),
    (HANGS_UP, None, "the other side hung up"),
    ("RECORD_LAYER_FAILURE", None, "what came back is no TLS"),
    ("TLSV1_ALERT_PROTOCOL_VERSION", "tls.protocol_version", _VERSION),
    ("UNSUPPORTED_PROTOCOL", "tls.protocol_version", _VERSION),
    ("WRONG_SSL_VERSION", "tls.protocol_version", _VERSION),
    ("VERSION_TOO_LOW", "tls.protocol_version", _VERSION),
    ("NO_PROTOCOLS_AVAILABLE", "tls.protocol_version", _VERSION),
    ("SSLV3_ALERT_HANDSHAKE_FAILURE", None, "no cipher suits both sides, or a client certificate is wanted"),
    ("NO_CIPHERS_AVAILABLE", "tls.no_shared_cipher", "this machine's OpenSSL has no cipher left to offer"),
    ("WRONG_CIPHER_RETURNED", "tls.no_shared_cipher", "the other side chose a cipher that was not offered"),
    ("TLSV1_ALERT_INSUFFICIENT_SECURITY", "tls.no_shared_cipher", "the other side wants stronger ciphers"),
    ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "tls.client_cert_required_13", "a client certificate is wanted"),
    ("SSLV3_ALERT_BAD_CERTIFICATE", None, _OUR_CERTIFICATE),
    ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", None, _OUR_CERTIFICATE),
    ("SSLV3_ALERT_CERTIFICATE_REVOKED", None, _OUR_CERTIFICATE),
    ("SSLV3_ALERT_CERTIFICATE_EXPIRED", None, _OUR_CERTIFICATE),
    ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", None, _OUR_CERTIFICATE),
    ("TLSV1_ALERT_UNKNOWN_CA", None, _OUR_CERTIFICATE),
    ("TLSV1_UNRECOGNIZED_NAME", "tls.unrecognized_name", "the other side does not know that name"),
    ("TLSV1_ALERT_ACCESS_DENIED", "tls.access_denied_alert", "the other side denies access"),
    ("TLSV1_ALERT_INTERNAL_ERROR", "tls.access_denied_alert", "the other side failed in the handshake"),
    ("DH_KEY_TOO_SMALL", "tls.weak_key_or_sig", "the other side's key exchange is too weak"),
    ("EE_KEY_TOO_SMALL", "tls.weak_key_or_sig", _WEAK),
    ("CA_KEY_TOO_SMALL", "tls.weak_key_or_sig", _WEAK),
    ("CA_MD_TOO_WEAK", "tls.weak_key_or_sig", _WEAK),
    ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED", None, "the other side lacks secure renegotiation (RFC 5746)"),
    ("NO_CERTIFICATE_OR_CRL_FOUND", "tls.ca_bundle_unreadable", "the CA bundle holds no certificate"),
)

_NO_PROXY_THERE = "what answers is a web server and no forward proxy"
_SIGN_IN = "the proxy wants a person to sign in on a web page"
#: status of the answer to CONNECT (a class of statuses stands for those without a row), code, meaning
CONNECT: tuple[tuple[str, str | None, str], ...] = (
    ("3xx", "proxy.connect_redirect", _SIGN_IN),
    ("403", "proxy.denied", "the proxy does not allow that host"),
    ("404", "proxy.connect_not_allowed", _NO_PROXY_THERE),
    ("405", "proxy.connect_not_allowed", _NO_PROXY_THERE),
    ("407", "proxy.auth_required", "the proxy wants credentials"),
    ("451", "proxy.denied", "the proxy does not allow that host"),
    ("4xx", None, "the proxy refuses"),
    ("501", "proxy.connect_not_allowed", _NO_PROXY_THERE),
    ("511", "proxy.connect_redirect", _SIGN_IN),
    ("5xx", None, "the proxy could not reach that host, or failed itself"),
)

_REDIRECTED = "the token endpoint redirects, which is not followed: give the final address"
#: status of the token endpoint, code, meaning
TOKEN_STATUSES: tuple[tuple[str, str | None, str], ...] = (
    ("2xx", "token.not_json", "what answered is no token endpoint"),
    ("3xx", "token.method_changed_by_redirect", _REDIRECTED),
    ("403", "token.forbidden", "asking for a token is forbidden from here"),
    ("404", "token.not_found", "there is no token endpoint at this address"),
    ("407", "proxy.auth_required", "a proxy wants credentials"),
    ("429", "token.throttled", "too many tokens were asked for"),
    ("4xx", None, "the token endpoint refuses"),
    ("500", "token.server_error", "the Server failed"),
    ("5xx", None, "the Server, or a gateway before it, is not available"),
)
#: "error" of the token endpoint, code, meaning
TOKEN_ERRORS: tuple[tuple[str, str | None, str], ...] = (
    (
        "invalid_client",
        "token.invalid_client",
        "the Server does not know this key and secret: take both from My Profile > Keys",
    ),
    (
        "unsupported_grant_type",
        "token.unsupported_grant_type",
        "the form did not reach the token endpoint whole",
    ),
    ("invalid_scope", "token.invalid_scope", "the Server refuses the scope"),
    ("invalid_request", None, "the form did not reach the token endpoint whole"),
    ("invalid_grant", None, "the Server refuses the key and secret"),
    ("unauthorized_client", None, "this key may not ask for a token"),
)

#: status of any other answer, stage, code, meaning
STATUSES: tuple[tuple[str, str, str | None, str], ...] = (
    ("1xx", "http", None, "that is no final answer"),
    ("3xx", "http", None, "the Server redirects, which is not followed"),
    ("400", "api", None, "the request was not understood"),
    ("401", "api", None, "the token was not accepted, or its user's role does not permit the call"),
    ("403", "api", None, "the call is forbidden"),
    ("404", "api", None, "there is nothing at this path"),
    ("407", "proxy", "proxy.auth_required", "a proxy wants credentials"),
    ("413", "http", None, "the request is too large"),
    ("421", "http", "http.wrong_vhost", "another site answered"),
    ("429", "http", "http.rate_limited", "too many requests"),
    ("431", "http", "http.header_too_large", "the request's headers are too large"),
    ("451", "http", None, "a filter blocks the address"),
    ("4xx", "api", None, "the call was refused"),
    ("500", "api", None, "the Server failed"),
    ("511", "http", None, "the network wants a person to sign in on a web page"),
    ("5xx", "http", None, "the Server, or a gateway before it, is not available"),
)

#: class of httpx or httpcore, words of its message, stage, code, meaning; the first that fits counts
EXCEPTIONS: tuple[tuple[str, str, str | None, str | None, str], ...] = (
    ("PoolTimeout", "", "local", None, "all connections of this client are in use"),
    ("UnsupportedProtocol", "", "config", None, "the address is neither http:// nor https://"),
    ("LocalProtocolError", "", "local", None, "the request cannot be sent as it is"),
    ("TooManyRedirects", "", "http", "http.redirect_loop", "the Server redirects without end"),
    ("DecodingError", "", "http", "http.bad_encoding", "the answer is not compressed as it says"),
    ("RemoteProtocolError", "without sending complete message body", "http", "http.body_cut", "the answer broke off"),
    ("RemoteProtocolError", "Receive buffer too long", "http", "http.header_too_large", "its headers are too large"),
    ("RemoteProtocolError", "Server disconnected", None, None, "the other side hung up without an answer"),
    ("RemoteProtocolError", "illegal", None, None, "what came back is no HTTP"),
    ("ConnectTimeout", "", None, None, "no answer came in time"),
    ("ReadTimeout", "", None, None, "no answer came in time"),
    ("WriteTimeout", "", None, None, "the request could not be sent in time"),
)
