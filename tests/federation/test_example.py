"""The example supergraph starts by one command and answers as its README shows."""

import json
import re

from .supergraph import EXAMPLE, data, started

README = (EXAMPLE / "README.md").read_text()


async def test_one_command_starts_all_of_it_and_both_gateways_answer_as_the_readme_shows() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    [answer] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    async with started("sh", "start.sh", "--port", "0") as gateways:
        for url in gateways.values():
            assert await data(url, query) == json.loads(answer)["data"]
