"""The example queries of the README and of the documentation, with their responses."""

import json
import re
from pathlib import Path

import pytest

from providers import PROVIDERS
from providers.sandbox import Sandbox
from tests.harness import running_service

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TEXT = README + (ROOT / "docs/finance.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```\s+```json\n(.*?)```", TEXT, re.DOTALL)


def test_every_query_has_a_response() -> None:
    assert len(EXAMPLES) == TEXT.count("```graphql") == TEXT.count("```json") == 3


@pytest.mark.parametrize(("query", "response"), EXAMPLES)
async def test_query_returns_its_response(query: str, response: str) -> None:
    # With today's date: the README shows a past month, whose data does not depend on it.
    sandbox = Sandbox(PROVIDERS[name].sandbox() for name in ("archera", "fastly", "spectrocloud"))
    async with running_service(sandbox) as service:
        assert await service.data(query) == json.loads(response)["data"]
