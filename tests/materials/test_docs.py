"""The table of cards in docs/materials.md."""

import re
from pathlib import Path

from isosim import materials

PAGE = Path(__file__).parents[2] / "docs" / "materials.md"


def test_the_table_is_that_of_the_cards():
    """The table of docs/materials.md shall list exactly the cards, with kind, title and confidence."""
    rows = re.search(r"<!-- cards.*?-->\n(.*?)<!-- end of cards -->", PAGE.read_text("utf-8"), re.S)
    expected = ["| card | kind | what | values by confidence |", "|---|---|---|---|"]
    for card in materials.table():
        expected.append(f"| {card['name']} | {card['kind']} | {card['title']} | {card['confidence']} |")
    assert rows is not None and rows[1].splitlines() == expected, "\n".join(expected)
