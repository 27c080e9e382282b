"""The guide for authors shows the code of the provider that the tests install."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/adding-a-provider.md").read_text()
PACKAGE = (ROOT / "tests/fourth_provider/nimbus_invoices.py").read_text()


def test_the_guide_shows_the_code_of_the_provider() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    definitions = [block for block in blocks if not block.startswith(" ")]  # an indented one is an alternative

    assert len(definitions) == 5
    assert [block for block in definitions if block not in PACKAGE] == []


def test_the_guide_shows_every_part_but_the_sandbox() -> None:
    defined = set(re.findall(r"^class (\w+)", PACKAGE, re.MULTILINE))
    shown = set(re.findall(r"^class (\w+)", GUIDE, re.MULTILINE))

    assert defined - shown == {"Sandbox"}
