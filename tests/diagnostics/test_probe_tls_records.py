"""The record parser on handmade, real and random bytes, in pieces of every size."""

from __future__ import annotations

import pytest
from ayx_diagnostics.probes.tls_records import ALERTS, Alert, RecordReader, alert_of_reason
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st


def record(kind: int, body: bytes, length: int | None = None) -> bytes:
    return bytes([kind, 3, 3]) + (len(body) if length is None else length).to_bytes(2, "big") + body


def message(kind: int, size: int) -> bytes:
    return bytes([kind]) + size.to_bytes(3, "big") + b"\0" * size


FLIGHT = (
    record(22, message(2, 70) + message(11, 3000)[:500])
    + record(22, message(11, 3000)[500:] + message(12, 300))
    + record(22, message(13, 40) + message(14, 0))
    + record(21, b"\x02\x28")
    + record(20, b"\x01")
    + record(22, b"\xff" * 40)
    + record(21, b"\xaa" * 26)
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.integers(1, 900), max_size=30))
def test_pieces_of_any_size_read_the_same(sizes: list[int]) -> None:
    reader, rest = RecordReader(), FLIGHT
    for size in sizes:
        reader.feed(rest[:size])
        rest = rest[size:]
    reader.feed(rest)
    names = ["server_hello", "certificate", "server_key_exchange", "certificate_request", "server_hello_done"]
    assert reader.messages == names
    assert reader.alerts == [Alert(2, 40)]
    assert (reader.is_tls, reader.encrypted, reader.byte_count) == (True, True, len(FLIGHT))


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_random_bytes_neither_crash_nor_grow(pieces: list[bytes]) -> None:
    reader = RecordReader()
    for piece in pieces:
        reader.feed(piece)
    whole = b"".join(pieces)
    assert reader.byte_count == len(whole)
    assert reader.first_bytes == whole[:128]
    assert len(reader.messages) <= 64
    if whole and whole[0] not in range(20, 25):
        assert not reader.is_tls


def test_many_messages_and_alerts_stay_bounded() -> None:
    reader = RecordReader()
    for _ in range(1000):
        reader.feed(record(22, message(14, 0)) + record(21, b"\x01\x00"))
    assert (len(reader.messages), len(reader.alerts)) == (64, 64)


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400", b"SSH-2.0", b"\x16\x02\x00\x00\x01", b"\x16\x03\x03\xff\xff", b"\x00"]
)
def test_what_is_not_tls(data: bytes) -> None:
    reader = RecordReader()
    reader.feed(data)
    assert not reader.is_tls
    assert reader.first_bytes == data


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", 116),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", 40),
        ("TLSV1_ALERT_PROTOCOL_VERSION", 70),
        ("TLSV1_UNRECOGNIZED_NAME", 112),
        ("TLSV1_ALERT_USER_CANCELLED", 90),
        ("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", 120),
    ],
)
def test_openssl_s_reasons_name_alerts(reason: str, number: int) -> None:
    alert = alert_of_reason(reason)
    assert alert is not None
    assert (alert.number, alert.name, alert.fatal) == (number, ALERTS[number], True)


@pytest.mark.parametrize(
    "reason", [None, "", "WRONG_VERSION_NUMBER", "CERTIFICATE_VERIFY_FAILED", "TLSV1_BOGUS", "SSLV3"]
)
def test_other_reasons_are_no_alerts(reason: str | None) -> None:
    assert alert_of_reason(reason) is None


def test_an_unregistered_alert_keeps_its_number() -> None:
    assert Alert(1, 200).name == "alert_200"
