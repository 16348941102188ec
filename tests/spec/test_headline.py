from __future__ import annotations

import pytest
from ayx_spec.generation.headline import headline


@pytest.mark.parametrize(
    ("summary", "description", "codes", "expected"),
    [
        (
            "List users.",
            "### Only Curators can use this API endpoint.",
            ["200", "401"],
            "List users. Role: Curator. Errors: 401.",
        ),
        ("Run it", "Needs the Artisan role or a higher one.", ["200"], "Run it. Role: Artisan or higher."),
        ("", "Needs the Curator role.\r\nMore.", [], "Role: Curator."),
        (
            "Read",
            "Open to every user with API access.",
            ["404", "4XX", "default"],
            "Read. Role: API user. Errors: 404, 4XX.",
        ),
        ("Read", "Only app workflows can be used.", ["500", "302"], "Read. Errors: 500."),
        ("Two\nlines", "Only Curators {0} can", [], "Two lines."),
        ("", "", [], ""),
    ],
)
def test_headlines(summary: str, description: str, codes: list[str], expected: str) -> None:
    operation = {"summary": summary, "description": description, "responses": {code: {} for code in codes}}

    assert headline(operation) == expected


def test_what_is_absent() -> None:
    assert headline({"responses": {}}) == ""
