"""The README's example query."""

import json
import re
from pathlib import Path

from providers import PROVIDERS
from providers.sandbox import Sandbox
from tests.harness import running_service

README = (Path(__file__).parents[1] / "README.md").read_text()


async def test_readme_query_returns_the_readme_response() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    [response] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    # With today's date: the README shows a past month, whose data does not depend on it.
    sandbox = Sandbox(PROVIDERS[name].sandbox() for name in ("archera", "fastly", "spectrocloud"))
    async with running_service(sandbox) as service:
        assert await service.data(query) == json.loads(response)["data"]
