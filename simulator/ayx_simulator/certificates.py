"""Where the pages of the failure codes, whose commands people copy, find the certificates of the peers."""

from __future__ import annotations

from .peers.certificates import VARIANTS, CertificateFactory

__all__ = ["VARIANTS", "CertificateFactory"]
