"""The TLS handshake as a client, step by step, with the records of both directions read along."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from ayx_diagnostics.network.streams import CHUNK, TlsStream
from ayx_diagnostics.probes.tls_records import RecordReader

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Clock, Stream

__all__ = ["Attempt", "Closed", "NotTls", "unverified_chain", "verified_chain"]

#: How long to wait for words that a peer may have left behind: an alert before its RST, the rest of a banner.
_LAST_WORDS_S = 0.2
#: A first record shorter than this is waited for, so that a banner can be recognised.
_TELLING_BYTES = 16


class Closed(Exception):  # noqa: N818  # not an error of ours: the peer's FIN
    """The peer ended the stream in the middle of the handshake."""


class NotTls(Exception):  # noqa: N818  # not an error of ours: what the peer is
    """The peer speaks something else."""


class Attempt:
    """One handshake, step by step."""

    def __init__(
        self, clock: Clock, stream: Stream, context: ssl.SSLContext, server_name: str | None, deadline_s: float
    ) -> None:
        self._clock = clock
        self._stream = stream
        self._deadline_s = deadline_s
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.sent, self.received = RecordReader(), RecordReader()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def run(self) -> TlsStream:
        """Shake hands.

        Raises:
            ssl.SSLError: Verification failed, an alert came, or the protocol was broken.
            OSError: The connection failed, or time ran out.
        """
        while not self._step():
            self._flush(self._remaining_s)
            self._receive(self._remaining_s)
        self._flush(self._remaining_s)
        return TlsStream(self._clock, self._stream, self.tls, self._incoming, self._outgoing)

    @property
    def _remaining_s(self) -> float:
        return self._deadline_s - self._clock.now()

    def _step(self) -> bool:
        """Let OpenSSL take what has come; return whether the handshake is done."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            self._say_goodbye()
            raise
        return True

    def _say_goodbye(self) -> None:
        """Send our own alert; a peer that is gone by now changes nothing."""
        try:
            self._flush(_LAST_WORDS_S)
        except OSError:
            return

    def _flush(self, timeout_s: float) -> None:
        data = self._outgoing.read()
        if not data:
            return
        try:
            self._stream.send_all(data, timeout_s)
        except TimeoutError:
            raise
        except OSError:
            self._hear_last_words()
            raise
        self.sent.feed(data)

    def _hear_last_words(self) -> None:
        """After a failed send: let OpenSSL raise the alert that came before the RST, if any did."""
        try:
            self._receive(_LAST_WORDS_S)
        except (Closed, OSError):
            return
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return

    def _receive(self, timeout_s: float) -> None:
        data = self._stream.receive(CHUNK, timeout_s)
        if not data:
            raise Closed
        self.received.feed(data)
        if not self.received.is_tls:
            self._hear_banner()
            raise NotTls
        self._incoming.write(data)

    def _hear_banner(self) -> None:
        """Collect enough of another protocol's greeting to recognise it."""
        until_s = min(self._clock.now() + _LAST_WORDS_S, self._deadline_s)
        try:
            while self.received.byte_count < _TELLING_BYTES and (left_s := until_s - self._clock.now()) > 0:
                data = self._stream.receive(CHUNK, left_s)
                if not data:
                    return
                self.received.feed(data)
        except OSError:
            return


def unverified_chain(tls: ssl.SSLObject) -> list[bytes]:
    """Return the peer's certificates in DER form, leaf first, whether or not they were verified."""
    return _chain(tls, "get_unverified_chain")


def verified_chain(tls: ssl.SSLObject) -> list[bytes]:
    """Return the path that was verified in DER form, from the leaf to the trusted root; empty without one."""
    return _chain(tls, "get_verified_chain")


def _chain(tls: ssl.SSLObject, name: str) -> list[bytes]:
    public = getattr(tls, name, None)  # Python 3.13
    if public is not None:
        return list(public() or ())
    private = getattr(getattr(tls, "_sslobj", None), name, None)  # 3.11 and 3.12 keep it private
    if private is None:
        return []
    der = 2  # _ssl.ENCODING_DER
    return [certificate.public_bytes(der) for certificate in private() or ()]
