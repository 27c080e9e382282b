"""The example supergraph starts with one command and responds as in its README."""

import json
import re

from .supergraph import EXAMPLE, query_data, start_gateways

README = (EXAMPLE / "README.md").read_text()


async def test_both_gateways_respond_as_in_the_readme() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    [response] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    async with start_gateways("sh", "start.sh", "--port", "0") as gateways:
        for url in gateways.values():
            assert await query_data(url, query) == json.loads(response)["data"]
