"""Between the calls and the network: bounds, retries, errors in our words. It knows that the HTTP library is httpx."""

from __future__ import annotations

from ayx_connection.transport.bounds import AnswerRefusedError, Bounds, Exchange
from ayx_connection.transport.call_path import call_target
from ayx_connection.transport.clients import AsyncReportingClient, ReportingClient
from ayx_connection.transport.exceptions import json_of, raise_for_status
from ayx_connection.transport.transports import AsyncReportingTransport, ReportingTransport
from ayx_connection.transport.unauthenticated import unauthenticated_client

__all__ = [
    "AnswerRefusedError",
    "AsyncReportingClient",
    "AsyncReportingTransport",
    "Bounds",
    "Exchange",
    "ReportingClient",
    "ReportingTransport",
    "call_target",
    "json_of",
    "raise_for_status",
    "unauthenticated_client",
]
