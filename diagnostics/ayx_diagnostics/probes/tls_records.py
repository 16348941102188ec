"""One direction of a TLS connection seen from outside: records, messages in clear, alerts (RFC 8446, RFC 5246)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

__all__ = ["ALERTS", "Alert", "RecordReader", "alert_of_reason", "reason_of"]

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE = 20, 21, 22
#: Record types: the three above, application data, heartbeat.
_RECORD_TYPES = frozenset({CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, 23, 24})
_MAJOR_VERSION = 3
#: The longest record: 2**14 and what ciphers of TLS 1.2 may add (RFC 5246, 6.2.3).
_LONGEST_RECORD = 2**14 + 2048
_RECORD_HEADER, _MESSAGE_HEADER, _ALERT_LENGTH = 5, 4, 2
#: Enough of a peer that speaks something else to recognise it by.
_FIRST_BYTES = 128
_MOST_MESSAGES = 64

#: Handshake messages that tell how far the handshake got.
MESSAGES = {
    1: "client_hello",
    2: "server_hello",
    4: "new_session_ticket",
    8: "encrypted_extensions",
    11: "certificate",
    12: "server_key_exchange",
    13: "certificate_request",
    14: "server_hello_done",
    15: "certificate_verify",
    16: "client_key_exchange",
    20: "finished",
    22: "certificate_status",
}

#: Alert descriptions: IANA registry "TLS Alerts".
ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
    121: "ech_required",
}
_NUMBERS = {name: number for number, name in ALERTS.items()} | {"user_cancelled": 90}
_FATAL = 2


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: level 1 is a warning, 2 is fatal."""

    level: int
    number: int

    @property
    def name(self) -> str:
        """The registered name, or ``alert_N``."""
        return ALERTS.get(self.number, f"alert_{self.number}")

    @property
    def fatal(self) -> bool:
        """Whether it ends the connection."""
        return self.level == _FATAL

    def as_evidence(self, direction: str) -> dict[str, object]:
        """Return the alert as an observation holds it; the direction is ``received`` or ``sent``."""
        return {"direction": direction, "level": self.level, "number": self.number, "name": self.name}


def alert_of_reason(reason: str | None) -> Alert | None:
    """Return the alert behind OpenSSL's reason for a failure, which it had to decrypt to learn.

    Args:
        reason: E.g. ``TLSV13_ALERT_CERTIFICATE_REQUIRED`` or ``SSLV3_ALERT_HANDSHAKE_FAILURE``.
    """
    prefix, _, name = (reason or "").partition("_")
    if prefix not in ("SSLV3", "TLSV1", "TLSV13"):
        return None
    number = _NUMBERS.get(name.removeprefix("ALERT_").lower())
    return None if number is None else Alert(_FATAL, number)


def reason_of(error: ssl.SSLError) -> str | None:
    """Return OpenSSL's token for the reason; None for an error that Python code made (truststore), which has none."""
    return getattr(error, "reason", None) or None


class RecordReader:
    """Reads one direction of a connection as it comes, in pieces of any size, and keeps no more than it reports.

    Attributes:
        byte_count: Bytes seen so far.
        first_bytes: The first of them, at most 128.
        is_tls: False from the first byte that no TLS peer would send; the rest is then only counted.
        messages: Names of the handshake messages in clear, in order, at most 64.
        alerts: Alerts in clear, in order.
        encrypted: Whether messages are hidden from now on (after ChangeCipherSpec).
    """

    def __init__(self) -> None:
        self.byte_count = 0
        self.first_bytes = b""
        self.is_tls = True
        self.messages: list[str] = []
        self.alerts: list[Alert] = []
        self.encrypted = False
        self._header = bytearray()
        self._type = 0
        self._length = 0
        self._left = 0
        self._alert = bytearray()
        self._message = bytearray()
        self._message_left = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.byte_count += len(data)
        if len(self.first_bytes) < _FIRST_BYTES:
            self.first_bytes += data[: _FIRST_BYTES - len(self.first_bytes)]
        position = 0
        while self.is_tls and position < len(data):
            if self._left == 0:
                position = self._read_header(data, position)
            else:
                end = min(len(data), position + self._left)
                self._left -= end - position
                self._read_body(data[position:end])
                position = end

    def _read_header(self, data: bytes, position: int) -> int:
        """Take bytes of a record header and return the position behind them."""
        end = min(len(data), position + _RECORD_HEADER - len(self._header))
        self._header += data[position:end]
        header = self._header
        self.is_tls = header[0] in _RECORD_TYPES and (len(header) == 1 or header[1] == _MAJOR_VERSION)
        if self.is_tls and len(header) == _RECORD_HEADER:
            self._type = header[0]
            self._length = self._left = int.from_bytes(header[3:5], "big")
            self.is_tls = self._length <= _LONGEST_RECORD
            if self._type == CHANGE_CIPHER_SPEC:
                self.encrypted = True
            header.clear()
        return end

    def _read_body(self, body: bytes) -> None:
        if self._type == ALERT and self._length == _ALERT_LENGTH:  # an encrypted alert is longer
            self._alert += body
            if len(self._alert) == _ALERT_LENGTH:
                if len(self.alerts) < _MOST_MESSAGES:
                    self.alerts.append(Alert(self._alert[0], self._alert[1]))
                self._alert.clear()
        elif self._type == HANDSHAKE and not self.encrypted:
            self._read_messages(body)

    def _read_messages(self, body: bytes) -> None:
        """Follow the handshake messages, several to a record or one over several records."""
        position = 0
        while position < len(body):
            if self._message_left:
                taken = min(self._message_left, len(body) - position)
                self._message_left -= taken
                position += taken
                continue
            end = min(len(body), position + _MESSAGE_HEADER - len(self._message))
            self._message += body[position:end]
            position = end
            if len(self._message) == _MESSAGE_HEADER:
                if len(self.messages) < _MOST_MESSAGES:
                    self.messages.append(MESSAGES.get(self._message[0], f"message_{self._message[0]}"))
                self._message_left = int.from_bytes(self._message[1:], "big")
                self._message.clear()
