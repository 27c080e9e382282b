"""Simulated data: only on request, and marked everywhere."""

import signal
from pathlib import Path

import pytest

from server.config.sandbox import NO_CONFIGURATION
from tests.server.command import run_command, start_command, write_config

ACCOUNT = [("http://127.0.0.1:1", "provider-key")]
SIMULATED = '[[accounts]]\nid = "demo"\nprovider = "fastly"\nbase_url = "http://127.0.0.1:1"\nsandbox = true\n'


@pytest.mark.parametrize("command", ["serve", "check", "export"])
async def test_no_configuration_is_refused(command: str) -> None:
    assert await run_command(command) == (2, "", f"{NO_CONFIGURATION}\n")


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_answers_of_the_sandbox_are_marked(workers: str) -> None:
    async with start_command("serve", "--sandbox", "--port", "0", "--workers", workers) as service:
        answers = [(await service.query(query)).json() for query in ("{ __typename }", "{ nothing }")]
        page = await service.get("/graphql", "text/html")

    assert answers[0] == {"data": {"__typename": "Query"}, "extensions": {"sandbox": True}}
    assert "extensions" not in answers[1]  # an error has no data to mark
    assert '<p id="sandbox" role="note">Sandbox: simulated data, never real costs.</p>' in page.text


async def test_real_accounts_have_no_mark(tmp_path: Path) -> None:
    config = write_config(tmp_path, ACCOUNT)
    async with start_command("serve", "--port", "0", "--config", config) as service:
        answer = (await service.query("{ __typename }")).json()
        page = await service.get("/graphql", "text/html")
        outcome = await service.stop(signal.SIGTERM)

    assert (answer, outcome) == ({"data": {"__typename": "Query"}}, (0, "", ""))
    assert '<p id="sandbox" role="note" hidden></p>' in page.text


async def test_a_mixture_is_logged_and_marked(tmp_path: Path) -> None:
    key = tmp_path / "key1"
    config = write_config(tmp_path, ACCOUNT, f'{SIMULATED}api_key = {{ file = "{key}" }}\n')
    async with start_command("serve", "--port", "0", "--config", config) as service:
        line = await service.next_log_line()
        answer = (await service.query("{ __typename }")).json()
        page = await service.get("/graphql", "text/html")

    assert (line["level"], line["sandbox_accounts"], line["count"]) == ("warning", ["demo"], 1)
    assert answer["extensions"] == {"sandbox": True}
    assert "Some accounts are sandboxes: their data is simulated." in page.text


async def test_accounts_and_sandbox_exclude_each_other(tmp_path: Path) -> None:
    config = write_config(tmp_path, ACCOUNT)

    assert await run_command("serve", "--sandbox", "--config", config) == (
        2,
        "",
        f"{config} has accounts, but --sandbox uses simulated accounts only. Leave out --sandbox, or the accounts.\n",
    )


async def test_the_sandbox_takes_the_other_tables(tmp_path: Path) -> None:
    config = write_config(tmp_path, [], "[server]\nport = 0\nintrospection = false\n")
    async with start_command("serve", "--sandbox", "--config", config) as service:
        answer = (await service.query("{ __schema { queryType { name } } }")).json()

    assert service.first_line.endswith("(sandbox accounts: simulated data, never real costs)\n")
    assert answer["data"] is None if "data" in answer else answer["errors"]
