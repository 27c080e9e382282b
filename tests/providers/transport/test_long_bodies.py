"""Long bodies are decoded in steps: other tasks run in between, and the result is that of a short body."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from execution.turns import Turns, Work
from providers.call import CallContext
from providers.errors import Unintelligible
from providers.fastly.client import FastlySettings
from providers.transport.client import ApiClient
from providers.transport.httpx_carrier import HttpxCarrier

SETTINGS = FastlySettings.model_validate(
    {"id": "cdn", "provider": "fastly", "api_key": SecretStr("key"), "attempts": 1}
)
FILLER = "x" * 1_000


async def body_of(content: str, work: Work | None = None) -> Any:
    """Return the decoded body of a response with this content."""
    carrier = HttpxCarrier(httpx.MockTransport(lambda _: httpx.Response(200, content=content)))
    return (await ApiClient(SETTINGS, carrier).get("list", call=CallContext(work=work))).body


@pytest.mark.parametrize("list_of", ['{"data": %s, "meta": {"total": 1.50}}', '[{"items": %s}]', "%s"])
@pytest.mark.parametrize("odd", ["1.50", "-0", "12", "null", '[{"a": {}}]', '"\\u20ac"', "[]"])
async def test_a_long_body_is_decoded_as_a_short_one(list_of: str, odd: str) -> None:
    row = f'{{"odd": {odd}, "filler": "{FILLER}"}}'
    long_list = f"[{row}, {', '.join([row] * 400)}, {odd}]"

    body = await body_of(list_of % long_list)

    one_row = {"odd": "-0" if odd == "-0" else "1.50" if odd == "1.50" else json.loads(odd), "filler": FILLER}
    rows = [*[one_row] * 401, one_row["odd"]]
    expected = {'{"d': {"data": rows, "meta": {"total": "1.50"}}, '[{"': [{"items": rows}], "%s": rows}
    assert body == expected[list_of[:3]]


async def test_other_tasks_run_while_a_long_body_is_decoded() -> None:
    content = json.dumps({"data": [{"filler": FILLER}] * 10_000})
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count_turns())
    body = await body_of(content, Work(Turns(0)))
    counter.cancel()

    assert len(body["data"]) == 10_000
    assert turns > len(content) // (256 * 1024)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f'{{"data": ["{FILLER * 400}", 1,]}}', "it is not JSON"),
        (f'{{"data": ["{FILLER * 400}"}}', "it is not JSON"),
        (f'["{FILLER * 400}", {"[" * 200}1{"]" * 200}]', "it is nested too deeply"),
        (f'["{FILLER * 400}", {"0, " * 1_000_000}0]', "it has more than 1,000,000 values"),
    ],
)
async def test_an_unreadable_long_body_has_a_reason(content: str, reason: str) -> None:
    with pytest.raises(Unintelligible, match=reason):
        await body_of(content)
