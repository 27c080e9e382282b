"""The command as it is run: a process with its own port, ended by a signal to it alone."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import schema
from providers.sandbox import Fault, Sandbox
from providers.sandbox import serve as serve_sandbox
from tests.harness import sandbox_of

from .configuration import KEY

COMMAND = [sys.executable, "-X", "dev", str(Path(sys.executable).parent / "invoicegraph")]
SIGNALS = [signal.SIGTERM, signal.SIGINT]
LIST = "{ invoices(first: 1) { nodes { id } coverage { account { id } status code } } }"


def environment(**extra: str) -> dict[str, str]:
    """This one, without what would configure the service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INVOICEGRAPH_")}
    return {**kept, "COLUMNS": "100", **extra}


async def run(*arguments: str, cwd: Path | None = None, **extra: str) -> tuple[int | None, str, str]:
    """The exit code of a command that ends by itself, and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


class Running:
    """A command that serves, and the address that its first line tells."""

    def __init__(self, process: asyncio.subprocess.Process, said: str) -> None:
        self.process, self.said = process, said
        address = re.search(r"http://[0-9.]+:[0-9]+", said)
        assert address, said
        self.url = address[0]

    async def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(f"{self.url}{path}", headers={"Accept": accept})

    async def ask(self, query: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.post(f"{self.url}/graphql", json={"query": query})

    async def end(self, number: signal.Signals) -> tuple[int | None, str, str]:
        """Its exit code after a signal, and all that it wrote since its first line."""
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def started(*arguments: str, cwd: Path | None = None, **extra: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(30):
            said = await (process.stdout if arguments[0] == "sandbox" else process.stderr).readline()
        yield Running(process, said.decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def configured(folder: Path, accounts: list[tuple[str, str]], more: str = "") -> str:
    """A file with a Fastly account for each base URL and key; its path."""
    text = more
    for number, (base_url, key) in enumerate(accounts, 1):
        secret = folder / f"key{number}"
        secret.write_text(f"{key}\n")
        text += f'[[accounts]]\nid = "cdn{number}"\nprovider = "fastly"\nbase_url = "{base_url}"\n'
        text += f'api_key = {{ file = "{secret}" }}\n'
    file = folder / "invoicegraph.toml"
    file.write_text(text)
    return str(file)


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

    said = 'accounts[1] ("cdn1") base_url: write https://HOST; http:// is only for an address on this machine.'
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

    gone = "Fastly could not be reached for account cdn3, or answered with an error of its own."
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
    contract = Path(schema.__file__).parent / "schema.graphql"

    assert await run("schema", cwd=tmp_path) == (0, contract.read_text(), "")


async def test_help_names_the_commands_and_an_unknown_one_ends_with_2() -> None:
    code, out, _ = await run("--help")
    wrong, _, said = await run("serv")

    assert code == 0
    for command in ("serve", "sandbox", "check", "schema"):
        assert re.search(rf"\b{command}\b +[A-Z]", out)
    assert wrong == 2
    assert "No such command 'serv'" in said
