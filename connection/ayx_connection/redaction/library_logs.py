"""What the libraries below us log: httpcore writes down each answer as it came, which may repeat what was sent."""

from __future__ import annotations

import logging
import weakref

from ayx_connection.redaction.redactor import Redactor

__all__ = ["hide_in_logs"]

#: A filter counts for the logger that a record is made with, and not for those below it.
_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
_KNOWN: weakref.WeakSet[Redactor] = weakref.WeakSet()


def hide_in_logs(redactor: Redactor) -> None:
    """Keep the secrets that a redactor knows out of the libraries' log records, for as long as it is in use."""
    _KNOWN.add(redactor)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_hidden)  # the same one again changes nothing


def _hidden(record: logging.LogRecord) -> bool:
    """Mask secrets in a record; called only where the level is on."""
    message = clean = record.getMessage()
    for redactor in list(_KNOWN):
        clean = redactor.text(clean)
    if clean != message:
        record.msg, record.args = clean, None
    return True
