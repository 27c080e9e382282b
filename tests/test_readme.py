"""The README's example queries."""

import json
import re
from pathlib import Path

import pytest

from providers import PROVIDERS
from providers.sandbox import Sandbox
from tests.harness import running_service

README = (Path(__file__).parents[1] / "README.md").read_text()


EXAMPLES = re.findall(r"```graphql\n(.*?)```\s+```json\n(.*?)```", README, re.DOTALL)


def test_every_query_has_a_response() -> None:
    assert len(EXAMPLES) == README.count("```graphql") == README.count("```json") > 1


@pytest.mark.parametrize(("query", "response"), EXAMPLES)
async def test_readme_query_returns_the_readme_response(query: str, response: str) -> None:
    # With today's date: the README shows a past month, whose data does not depend on it.
    sandbox = Sandbox(PROVIDERS[name].sandbox() for name in ("archera", "fastly", "spectrocloud"))
    async with running_service(sandbox) as service:
        assert await service.data(query) == json.loads(response)["data"]
