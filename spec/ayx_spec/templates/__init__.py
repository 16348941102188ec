"""The templates that the client is generated with: the installed stock ones, patched."""

from ayx_spec.templates.client_templates import (
    generator_version,
    stock_template,
    templates,
    templates_digest,
    write_templates,
)
from ayx_spec.templates.patches import ADDED_FILES, PATCHES

__all__ = [
    "ADDED_FILES",
    "PATCHES",
    "generator_version",
    "stock_template",
    "templates",
    "templates_digest",
    "write_templates",
]
