"""The command as it is run: a process with its own port, ended by a signal to it alone."""

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import schema
from providers.sandbox import Fault, Sandbox
from providers.sandbox import serve as serve_sandbox
from tests.harness import sandbox_of
from tests.server.command import configured, run, started
from tests.server.configuration import KEY

SIGNALS = [signal.SIGTERM, signal.SIGINT]
LIST = "{ invoices(first: 1) { nodes { id } coverage { account { id } status code } } }"


@pytest.fixture
async def fastly() -> AsyncIterator[tuple[Sandbox, str, str]]:
    """Fastly's sandbox in this process, its address and its key."""
    sandbox = sandbox_of()
    async with serve_sandbox(sandbox) as url:
        yield sandbox, f"{url}/fastly", sandbox.apis["fastly"].key


@pytest.mark.parametrize("number", SIGNALS)
async def test_serve_answers_until_a_signal_ends_it_with_nothing_amiss(number: signal.Signals, tmp_path: Path) -> None:
    async with started("serve", "--port", "0", cwd=tmp_path) as service:
        health = await service.get("/healthz")
        page = await service.get("/graphql", "text/html")
        answer = await service.ask(LIST)
        ended = await service.end(number)

    assert re.fullmatch(
        r"Invoicegraph answers at http://127\.0\.0\.1:\d+/graphql "
        r"\(sandbox accounts: simulated data, never real costs\)\n",
        service.said,
    )
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert [entry["status"] for entry in answer.json()["data"]["invoices"]["coverage"]] == [
        "COMPLETE",
        "COMPLETE",
        "PARTIAL",
    ]
    assert ended == (0, "", "")


async def test_a_running_request_is_answered_before_the_service_ends(
    fastly: tuple[Sandbox, str, str], tmp_path: Path
) -> None:
    sandbox, url, key = fastly
    control = sandbox.apis["fastly"].control
    control.faults.append(Fault(kind="delay", seconds=0.5))
    async with started("serve", "--port", "0", "--config", configured(tmp_path, [(url, key)])) as service:
        asking = asyncio.create_task(service.ask(LIST))
        await control.until(in_flight=1)
        ended = await service.end(signal.SIGTERM)
        answer = await asking

    assert answer.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "COMPLETE", "code": None}
    ]
    assert ended == (0, "", "")


async def test_the_service_starts_and_is_healthy_whatever_the_providers_do(tmp_path: Path) -> None:
    config = configured(tmp_path, [("http://127.0.0.1:1", KEY)])
    async with started("serve", "--port", "0", INVOICEGRAPH_CONFIG=config) as service:
        health = await service.get("/healthz")
        answer = await service.ask(LIST)
        ended = await service.end(signal.SIGTERM)

    assert service.said.endswith("/graphql (1 account)\n")
    assert health.status_code == 200
    assert answer.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "MISSING", "code": "UNAVAILABLE"}
    ]
    assert ended == (0, "", "")


@pytest.mark.parametrize("command", ["serve", "sandbox"])
async def test_a_busy_port_is_one_sentence(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        ended = await run(command, "--port", str(port))

    sentence = (
        f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Choose another with --port or --host.\n"
    )
    assert ended == (1, "", sentence)


async def test_the_environment_goes_before_the_file_and_an_option_before_both(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = str(busy.getsockname()[1])
        config = configured(tmp_path, [("http://127.0.0.1:1", KEY)], f"[server]\nport = {taken}\n")
        async with started("serve", "--config", config, INVOICEGRAPH_SERVER__PORT="0") as service:
            assert (await service.get("/healthz")).status_code == 200
        async with started("serve", "--port", "0", INVOICEGRAPH_SERVER__PORT=taken) as service:
            assert (await service.get("/healthz")).status_code == 200


@pytest.mark.parametrize("command", ["serve", "check"])
async def test_a_configuration_that_cannot_be_used_ends_with_2(command: str, tmp_path: Path) -> None:
    config = configured(tmp_path, [("http://api.fastly.com", KEY)])

    ended = await run(command, INVOICEGRAPH_CONFIG=config)

    said = 'accounts[1] ("cdn1") base_url: write https://HOST; http:// is allowed only for an address on this machine.'
    assert ended == (2, "", f"{config} cannot be used:\n  {said}\n")


async def test_the_option_names_the_file_before_the_environment_does(tmp_path: Path) -> None:
    code, _, said = await run("check", "--config", "/not/there", INVOICEGRAPH_CONFIG=configured(tmp_path, []))

    assert (code, said.split(":")[0]) == (2, "/not/there cannot be read")


async def test_sandbox_serves_the_apis_and_explains_itself() -> None:
    async with started("sandbox", "--port", "0") as sandbox:
        control = (await sandbox.get("/control")).json()
        refused = await sandbox.get("/fastly/billing/v3/invoices")
        ended = await sandbox.end(signal.SIGTERM)

    assert [account["provider"] for account in control["accounts"]] == ["archera", "fastly", "spectrocloud"]
    assert "POST /control/{provider}/faults" in control["orders"]
    assert refused.status_code == 401
    assert ended == (0, f"{sandbox.url}/control tells their keys, and the faults that can be ordered.\n", "")


async def test_check_asks_each_account_once_and_ends_with_0_when_all_answer(
    fastly: tuple[Sandbox, str, str], tmp_path: Path
) -> None:
    sandbox, url, key = fastly

    ended = await run("check", "--config", configured(tmp_path, [(url, key), (url, key)]))

    table = (
        "ACCOUNT             RESULT  WHAT WAS FOUND\n"
        "fastly/cdn1 (cdn1)  ok      Its invoices can be read.\n"
        "fastly/cdn2 (cdn2)  ok      Its invoices can be read.\n"
    )
    assert ended == (0, table, "")
    assert len(sandbox.apis["fastly"].control.requests) == 2


async def test_check_ends_with_1_and_names_the_account_that_fails(
    fastly: tuple[Sandbox, str, str], tmp_path: Path
) -> None:
    sandbox, url, key = fastly

    ended = await run("check", "--config", configured(tmp_path, [(url, key), (url, KEY), ("http://127.0.0.1:1", KEY)]))

    gone = "Fastly could not be reached for account cdn3, or it returned an error."
    table = (
        "ACCOUNT             RESULT        WHAT WAS FOUND\n"
        "fastly/cdn1 (cdn1)  ok            Its invoices can be read.\n"
        "fastly/cdn2 (cdn2)  UNAUTHORIZED  Fastly refused the key of account cdn2.\n"
        f"fastly/cdn3 (cdn3)  UNAVAILABLE   {gone}\n"
    )
    assert ended == (1, table, "")
    assert len(sandbox.apis["fastly"].control.requests) == 2


async def test_check_without_a_file_asks_the_sandboxes() -> None:
    code, out, err = await run("check")

    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[1:]] == [
        "archera/sandbox-archera",
        "fastly/sandbox-fastly",
        "spectrocloud/sandbox-palette",
    ]


async def test_schema_prints_the_committed_contract(tmp_path: Path) -> None:
    folder = Path(schema.__file__).parent

    assert await run("schema", cwd=tmp_path) == (0, (folder / "schema.graphql").read_text(), "")
    assert await run("schema", "--client", cwd=tmp_path) == (0, (folder / "client.graphql").read_text(), "")


async def test_help_names_the_commands_and_an_unknown_one_ends_with_2() -> None:
    code, out, _ = await run("--help")
    wrong, _, said = await run("serv")

    assert code == 0
    for command in ("serve", "sandbox", "check", "schema"):
        assert re.search(rf"\b{command}\b +[A-Z]", out)
    assert wrong == 2
    assert "No such command 'serv'" in said
