"""What numbers mean, which are the same in every language and library: errno, WinError, HRESULT, exit codes, statuses.

The numbers of sockets, name lookups and certificates are those of ``ayx_connection.signs``. Further sources: "COM Error
Codes (Security and Setup)" at Microsoft Learn, "curl exit codes" at curl.se, SecureTransport.h, NSURLError.h.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ayx_connection.signs import SIGNS

__all__ = ["NUMBERS", "symptom_of"]


#: What the numbers of ``ayx_connection.signs`` show; those that are not here show nothing by themselves.
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
#: WSAEADDRINUSE: on Windows alone it can be said of a connection, not only of a listener.
_MORE_WINSOCK: Mapping[str, str] = {"no local port": "10048"}
#: HRESULT of Schannel (SEC_E_…), CryptoAPI (CRYPT_E_…, CERT_E_…) and WinHTTP or WinINet (12000 + n).
_HRESULT: Mapping[str, str] = {
    "verify untrusted": "80090325 80072f0d 800b0112",
    "verify hostname": "80090322 80072f06",
    "verify expired": "80090328 80072f05",
    "verify weak": "80096004",
    "verify failed": "80090327 80072f8f",
    "revocation unknown": "800b010e",
    "no common tls": "80090331 80090302",
    "not tls": "80090308",
    "handshake refused": "80090326 80090304",
    "tls ended": "80090317",
    "client certificate wanted": "8009030e 8009030d 80072f0c",
    "name unknown": "80072ee7",
    "connect failed": "80072efd",
    "timeout": "80072ee2",
    "reset": "80072efe",
    "not http": "80072f78",
    "redirect loop": "80072f7c",
}
_SECURE_TRANSPORT: Mapping[str, str] = {
    "verify untrusted": "9807 9812 9813",
    "verify expired": "9814",
    "verify not yet": "9815",
    "verify hostname": "9843",
    "verify failed": "9808 9841",
    "tls ended": "9806 9805 9816",
    "handshake refused": "9824 9802 9801",
    "no common tls": "9836",
    "not tls": "9800 9847",
    "client certificate wanted": "9825 9829 9831",
    "alert access denied": "9832 9838",
}
_NSURL: Mapping[str, str] = {
    "timeout": "1001",
    "name unknown": "1003 1006",
    "connect failed": "1004",
    "reset": "1005",
    "net unreachable": "1009",
    "redirect loop": "1007",
    "not http": "1011",
    "handshake refused": "1200",
    "verify expired": "1201",
    "verify untrusted": "1202 1203",
    "verify not yet": "1204",
    "client certificate wanted": "1205 1206",
}
#: X509_V_ERR_… (x509_vfy.h), CERT_E_… and errSec…, by the numbers of ``ayx_connection.signs``.
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
#: What curl's exit codes say beside its sentence, which mostly says more.
_CURL: Mapping[str, str] = {
    "address unusable": "1 3",
    "proxy name unknown": "5 97",
    "name unknown": "6",
    "connect failed": "7",
    "http status": "22",
    "body cut": "18",
    "timeout": "28",
    "handshake failed": "35",
    "redirect loop": "47",
    "no answer": "52",
    "reset": "55 56",
    "client certificate unusable": "58",
    "verify failed": "60",
    "no common tls": "59",
    "bad encoding": "61",
    "ca bundle": "77",
    "client certificate wanted": "94",
    "out of memory": "27",
}

#: Node's own of getaddrinfo (uv.h); the others have a name of their own in the text.
_UV: Mapping[str, str] = {"name without address": "3007"}


def _by_number(*tables: tuple[str, Mapping[str, str]]) -> dict[tuple[str, str], str]:
    return {
        (kind, number): symptom for kind, table in tables for symptom, row in table.items() for number in row.split()
    }


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
#: (kind, number) -> symptom.
NUMBERS: Mapping[tuple[str, str], str] = dict(_by_sign()) | _by_number(
    ("errno", _MORE_ERRNOS),
    ("winsock", _MORE_WINSOCK),
    ("hresult", _HRESULT),
    ("secure transport", _SECURE_TRANSPORT),
    ("nsurl", _NSURL),
    ("curl", _CURL),
    ("uv", _UV),
)


def symptom_of(kind: str, number: str) -> str | None:
    """Return what a number shows, or None.

    Args:
        kind: As in the table of ways.
        number: As written.
    """
    if kind in _OF_THEIR_OWN:
        return f"{kind} {number}"
    if kind == "winsock hex":
        kind, number = "winsock", str(int(number, 16))
    elif kind == "hresult decimal":
        kind, number = "hresult", f"{2**32 - int(number):08x}"
    return NUMBERS.get((kind, number))


#: Kinds each number of which is a symptom: ``status 404``, ``tunnel 407``, ``code tls.cert_expired``.
_OF_THEIR_OWN = frozenset({"status", "tunnel", "code"})
