"""The operations of API V3 that are acted out."""

from __future__ import annotations

from . import collections, credentials, dcm, groups, jobs, schedules, subscriptions, usage, users, workflows

__all__ = [
    "collections",
    "credentials",
    "dcm",
    "groups",
    "jobs",
    "schedules",
    "subscriptions",
    "usage",
    "users",
    "workflows",
]
