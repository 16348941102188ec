"""What numbers mean, which are the same in every language and library: errno, WinError, HRESULT, exit codes, statuses.

The numbers of sockets, name lookups and certificates are those of ``ayx_connection.failures``; those of vendors, and
their names, are a table of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ayx_connection.failures.signs import SIGNS

from ayx_diagnostics.explanation.tables import vendors

__all__ = ["NUMBERS", "symptom_of"]


#: What the numbers of ``ayx_connection.failures`` show; those that are not here show nothing by themselves.
_ERRNOS: Mapping[str, str] = {
    "EPERM": "not permitted",
    "EACCES": "permission",
    "EINVAL": "invalid argument",
    "ENFILE": "too many files",
    "EMFILE": "too many files",
    "EPIPE": "reset",
    "ENOPROTOOPT": "protocol unreachable",
    "EADDRNOTAVAIL": "no local port",
    "ENETDOWN": "net unreachable",
    "ENETUNREACH": "net unreachable",
    "ENETRESET": "reset",
    "ECONNABORTED": "reset",
    "ECONNRESET": "reset",
    "ENOBUFS": "no local port",
    "ETIMEDOUT": "connect timeout",
    "ECONNREFUSED": "refused",
    "EHOSTDOWN": "host unreachable",
    "EHOSTUNREACH": "host unreachable",
}
_GAIERRORS: Mapping[str, str] = {
    "EAI_NONAME": "name unknown",
    "EAI_AGAIN": "name try again",
    "EAI_FAIL": "name lookup failed",
    "EAI_NODATA": "name without address",
    "EAI_ADDRFAMILY": "name without address",
}
#: ENOTCONN: what is left of a connection that was reset at once.
_MORE_ERRNOS: Mapping[str, str] = {"reset": "107 57"}
#: WSAEADDRINUSE: on Windows alone it can be said of a connection, not only of a listener. Below 10000: what overlapped
#: input and output (asyncio's proactor) says instead of the numbers of Winsock (winerror.h): ERROR_SEM_TIMEOUT,
#: ERROR_CONNECTION_REFUSED, ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE, ERROR_NETNAME_DELETED,
#: ERROR_CONNECTION_ABORTED.
_MORE_WINSOCK: Mapping[str, str] = {
    "address not valid": "10049",
    "no local port": "10048",
    "connect timeout": "121",
    "refused": "1225",
    "net unreachable": "1231",
    "host unreachable": "1232",
    "reset": "64 1236",
}
#: X509_V_ERR_… (x509_vfy.h), CERT_E_… and errSec…, by the numbers of ``ayx_connection.failures``.
_CERTIFICATES: Mapping[str, str] = {
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT": "verify issuer",
    "X509_V_ERR_CERT_NOT_YET_VALID": "verify not yet",
    "X509_V_ERR_CERT_HAS_EXPIRED": "verify expired",
    "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT": "verify self-signed",
    "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN": "verify chain",
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY": "verify issuer",
    "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE": "verify leaf",
    "X509_V_ERR_INVALID_CA": "verify basic constraints",
    "X509_V_ERR_INVALID_PURPOSE": "verify purpose",
    "X509_V_ERR_CERT_UNTRUSTED": "verify untrusted",
    "X509_V_ERR_PERMITTED_VIOLATION": "verify name constraints",
    "X509_V_ERR_EXCLUDED_VIOLATION": "verify name constraints",
    "X509_V_ERR_HOSTNAME_MISMATCH": "verify hostname",
    "X509_V_ERR_IP_ADDRESS_MISMATCH": "verify ip",
    "X509_V_ERR_EE_KEY_TOO_SMALL": "verify weak",
    "X509_V_ERR_CA_KEY_TOO_SMALL": "verify weak",
    "X509_V_ERR_CA_MD_TOO_WEAK": "verify weak",
    "X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER": "verify key identifier",
    "X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER": "verify key identifier",
    "X509_V_ERR_CA_BCONS_NOT_CRITICAL": "verify basic constraints",
    "X509_V_ERR_CA_CERT_MISSING_KEY_USAGE": "verify basic constraints",
    "CRYPT_E_NO_REVOCATION_CHECK": "revocation unknown",
    "CRYPT_E_REVOCATION_OFFLINE": "revocation unknown",
    "CERT_E_EXPIRED": "verify expired",
    "CERT_E_UNTRUSTEDROOT": "verify untrusted",
    "CERT_E_CHAINING": "verify untrusted",
    "CERT_E_CN_NO_MATCH": "verify hostname",
    "CERT_E_WRONG_USAGE": "verify purpose",
    "CERT_E_INVALID_NAME": "verify name constraints",
    "errSecHostNameMismatch": "verify hostname",
    "errSecInvalidExtendedKeyUsage": "verify purpose",
    "errSecIncompleteCertRevocationCheck": "revocation unknown",
    "errSecCertificateExpired": "verify expired",
    "errSecCertificateNotValidYet": "verify not yet",
    "errSecNotTrusted": "verify untrusted",
}


def _by_number(kind: str, table: Mapping[str, str]) -> dict[tuple[str, str], str]:
    return {(kind, number): symptom for symptom, row in table.items() for number in row.split()}


def _by_sign() -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what the numbers of the connection layer's table show, by the way in which texts write them."""
    symptoms = {"errno": _ERRNOS, "gaierror": _GAIERRORS, "certificate": _CERTIFICATES}
    for sign in SIGNS:
        symptom = symptoms.get(sign.kind, {}).get(sign.name)
        if symptom is None:
            continue
        for system, numbers in sign.numbers.items():
            # macOS numbers getaddrinfo's errors like errno's own small ones: there, words decide
            for number in () if (sign.kind, system) == ("gaierror", "macos") else numbers:
                yield (_kind_of_number(sign.kind, system, number), _written(number)), symptom


def _kind_of_number(kind: str, system: str, number: int) -> str:
    if kind == "certificate":
        return "hresult" if number > _WINSOCK else "verify" if number > 0 else "security framework"
    return "errno" if number < _WINSOCK and system != "windows" else "winsock"


def _written(number: int) -> str:
    return f"{number:08x}" if number > _HRESULT_FROM else str(number)


#: Numbers of Windows' own kinds begin here (WSABASEERR, and the first failure).
_WINSOCK, _HRESULT_FROM = 10000, 0x80000000
#: (kind, number or name) -> symptom.
NUMBERS: Mapping[tuple[str, str], str] = {
    **dict(_by_sign()),
    **_by_number("errno", _MORE_ERRNOS),
    **_by_number("winsock", _MORE_WINSOCK),
    **{(row.kind, name): row.symptom for row in vendors() for name in row.names},
}


def symptom_of(kind: str, number: str) -> str | None:
    """Return what a number shows, or None.

    Args:
        kind: As in the table of ways.
        number: As written; or a name that a vendor uses instead.
    """
    if kind in _OF_THEIR_OWN:
        return f"{kind} {number}"
    if kind == "winsock hex":
        kind, number = "winsock", str(int(number, 16))
    elif kind == "hresult decimal":
        kind, number = "hresult", f"{2**32 - int(number):08x}"
    if kind == "hresult" and number[:4] == "8007" and int(number[4:], 16) >= _WINHTTP:
        kind, number = "winhttp", str(int(number[4:], 16))
    return NUMBERS.get((kind, number)) or NUMBERS.get((kind, number.translate(_SEPARATORS)))


#: Windows makes a failure of it (8007xxxx) when a number of WinHTTP or WinINet, from 12000 on, becomes an HRESULT.
_WINHTTP = 12000
#: Names are written in many ways: CERT_HAS_EXPIRED, certHasExpired, certificate has expired.
_SEPARATORS = str.maketrans("", "", "_ -")

#: Kinds each number of which is a symptom: ``status 404``, ``tunnel 407``, ``code tls.cert_expired``.
_OF_THEIR_OWN = frozenset({"status", "tunnel", "code"})
