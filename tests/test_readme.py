"""The README tells the truth."""

import json
import re
from pathlib import Path

from providers import PROVIDERS
from providers.sandbox import Sandbox
from tests.harness import running

README = (Path(__file__).parents[1] / "README.md").read_text()


async def test_the_query_of_the_readme_has_the_answer_that_it_shows() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    [answer] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    today = Sandbox(kind.sandbox() for kind in PROVIDERS.values())  # whatever day it is: the month is past
    async with running(today) as service:
        assert await service.data(query) == json.loads(answer)["data"]
