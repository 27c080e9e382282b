"""The command line, run as a process with its own port and stopped by a signal to that process alone."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import schema
from providers import PROVIDERS
from providers.sandbox import Fault, Sandbox
from providers.sandbox import serve as serve_sandbox
from tests.harness import create_sandbox
from tests.server.command import run_command, start_command, write_config
from tests.server.configuration import KEY

SIGNALS = [signal.SIGTERM, signal.SIGINT]
LIST = "{ invoices(first: 1) { nodes { id } coverage { account { id } status code } } }"


@pytest.fixture
async def fastly_sandbox() -> AsyncIterator[tuple[Sandbox, str, str]]:
    """Fastly's sandbox in this process, its base URL and its API key."""
    sandbox = create_sandbox()
    async with serve_sandbox(sandbox) as url:
        yield sandbox, f"{url}/fastly", sandbox.apis["fastly"].key


@pytest.mark.parametrize("signal_number", SIGNALS)
async def test_serve_runs_until_a_signal(signal_number: signal.Signals, tmp_path: Path) -> None:
    async with start_command("serve", "--sandbox", "--port", "0", cwd=tmp_path) as service:
        health = await service.get("/healthz")
        page = await service.get("/graphql", "text/html")
        response = await service.query(LIST)
        outcome = await service.stop(signal_number)

    assert re.fullmatch(
        r"Invoicegraph is running at http://127\.0\.0\.1:\d+/ "
        r"\(sandbox accounts: simulated data, never real costs\)\n",
        service.first_line,
    )
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert [entry["status"] for entry in response.json()["data"]["invoices"]["coverage"]] == [
        "COMPLETE" if spec.has_list_endpoint else "PARTIAL" for spec in PROVIDERS.values()
    ]
    assert outcome == (0, "", "")


async def test_running_request_completes_before_exit(fastly_sandbox: tuple[Sandbox, str, str], tmp_path: Path) -> None:
    sandbox, url, key = fastly_sandbox
    control = sandbox.apis["fastly"].control
    control.faults.append(Fault(kind="delay", seconds=0.5))
    async with start_command("serve", "--port", "0", "--config", write_config(tmp_path, [(url, key)])) as service:
        request = asyncio.create_task(service.query(LIST))
        await control.wait_for_in_flight(in_flight=1)
        outcome = await service.stop(signal.SIGTERM)
        response = await request

    assert response.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "COMPLETE", "code": None}
    ]
    assert outcome == (0, "", "")


async def test_service_is_healthy_while_its_provider_is_down(tmp_path: Path) -> None:
    config = write_config(tmp_path, [("http://127.0.0.1:1", KEY)])
    async with start_command("serve", "--port", "0", INVOICEGRAPH_CONFIG=config) as service:
        health = await service.get("/healthz")
        response = await service.query(LIST)
        outcome = await service.stop(signal.SIGTERM)

    assert service.first_line.endswith("/ (1 account)\n")
    assert health.status_code == 200
    assert response.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "MISSING", "code": "UNAVAILABLE"}
    ]
    assert outcome[:2] == (0, "")
    assert _failed_calls(outcome[2]) == [("fastly/cdn1", "UNAVAILABLE", "connection_refused", None, 3)]


@pytest.mark.parametrize(
    "arguments", [("serve", "--sandbox"), ("serve", "--sandbox", "--workers", "2"), ("sandbox",)], ids=" ".join
)
async def test_the_ipv6_wildcard_accepts_both_families(arguments: tuple[str, ...]) -> None:
    path = "/control" if arguments[0] == "sandbox" else "/healthz"
    async with start_command(*arguments, "--host", "::", "--port", "0", INVOICEGRAPH_ACCESS="none") as service:
        port = httpx.URL(service.url).port
        async with httpx.AsyncClient(trust_env=False) as client:
            responses = [await client.get(f"http://{host}:{port}{path}") for host in ("127.0.0.1", "[::1]")]

    assert service.url == f"http://[::]:{port}"
    assert [response.status_code for response in responses] == [200, 200]


@pytest.mark.parametrize("arguments", [("serve",), ("serve", "--workers", "2")], ids=" ".join)
async def test_odd_accounts_are_served_on_request(arguments: tuple[str, ...]) -> None:
    async with start_command(*arguments, "--odd", "--port", "0") as service:
        response = await service.query("{ accounts { id } }")

    names = [account["id"].partition("/")[2].partition("-")[0] for account in response.json()["data"]["accounts"]]
    assert sorted(names) == ["odd"] * 3 + ["sandbox"] * 3


@pytest.mark.parametrize("command", [("serve", "--sandbox"), ("sandbox",)], ids=" ".join)
async def test_busy_port_is_reported_in_one_sentence(command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_service:
        port = other_service.getsockname()[1]
        outcome = await run_command(*command, "--port", str(port))

    sentence = f"Cannot listen on 127.0.0.1, port {port}: Address already in use."
    assert outcome == (1, "", f"{sentence} Choose another address with --host or --port.\n")


async def test_option_overrides_environment_overrides_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_service:
        busy_port = str(other_service.getsockname()[1])
        config = write_config(tmp_path, [("http://127.0.0.1:1", KEY)], f"[server]\nport = {busy_port}\n")
        async with start_command("serve", "--config", config, INVOICEGRAPH_SERVER__PORT="0") as service:
            assert (await service.get("/healthz")).status_code == 200
        async with start_command("serve", "--sandbox", "--port", "0", INVOICEGRAPH_SERVER__PORT=busy_port) as service:
            assert (await service.get("/healthz")).status_code == 200


@pytest.mark.parametrize("command", ["serve", "check"])
async def test_invalid_configuration_exits_with_2(command: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, [("http://api.fastly.com", KEY)])

    outcome = await run_command(command, INVOICEGRAPH_CONFIG=config)

    message = (
        'accounts[1] ("cdn1") base_url: write https://HOST; http:// is allowed only for an address on this machine.'
    )
    assert outcome == (2, "", f"{config} is not a valid configuration:\n  {message}\n")


async def test_config_option_overrides_the_environment(tmp_path: Path) -> None:
    code, _, err = await run_command("check", "--config", "/not/there", INVOICEGRAPH_CONFIG=write_config(tmp_path, []))

    assert (code, err.split(":")[0]) == (2, "/not/there cannot be read")


async def test_sandbox_serves_the_apis_and_its_control() -> None:
    async with start_command("sandbox", "--port", "0") as sandbox:
        control = (await sandbox.get("/control")).json()
        response = await sandbox.get("/fastly/billing/v3/invoices")
        outcome = await sandbox.stop(signal.SIGTERM)

    assert [account["provider"] for account in control["accounts"]] == list(PROVIDERS)
    assert "POST /control/{provider}/faults" in control["orders"]
    assert response.status_code == 401
    assert outcome == (0, f"{sandbox.url}/control lists their API keys, and the faults that you can inject.\n", "")


async def test_check_exits_with_0_if_every_account_responds(
    fastly_sandbox: tuple[Sandbox, str, str], tmp_path: Path
) -> None:
    sandbox, url, key = fastly_sandbox

    outcome = await run_command("check", "--config", write_config(tmp_path, [(url, key), (url, key)]))

    table = (
        "ACCOUNT             RESULT  MESSAGE\n"
        "fastly/cdn1 (cdn1)  ok      The invoices of this account can be read.\n"
        "fastly/cdn2 (cdn2)  ok      The invoices of this account can be read.\n"
    )
    assert (outcome[0], outcome[1].partition("\n\n")[0] + "\n", outcome[2]) == (0, table, "")
    assert len(sandbox.apis["fastly"].control.requests) == 2


async def test_check_exits_with_1_and_names_failing_accounts(
    fastly_sandbox: tuple[Sandbox, str, str], tmp_path: Path
) -> None:
    sandbox, url, key = fastly_sandbox

    outcome = await run_command(
        "check", "--config", write_config(tmp_path, [(url, key), (url, KEY), ("http://127.0.0.1:1", KEY)])
    )

    unavailable = (
        "Fastly could not be reached for account cdn3, or it returned an error. Nothing listens at the host and port."
    )
    table = (
        "ACCOUNT             RESULT        MESSAGE\n"
        "fastly/cdn1 (cdn1)  ok            The invoices of this account can be read.\n"
        "fastly/cdn2 (cdn2)  UNAUTHORIZED  Fastly refused the key of account cdn2.\n"
        f"fastly/cdn3 (cdn3)  UNAVAILABLE   {unavailable}\n"
    )
    assert (outcome[0], outcome[1].partition("\n\n")[0] + "\n") == (1, table)
    assert sorted(_failed_calls(outcome[2])) == [
        ("fastly/cdn2", "UNAUTHORIZED", None, 401, 1),
        ("fastly/cdn3", "UNAVAILABLE", "connection_refused", None, 3),
    ]
    assert len(sandbox.apis["fastly"].control.requests) == 2


async def test_check_of_the_sandboxes() -> None:
    code, out, err = await run_command("check", "--sandbox")

    assert (code, err) == (0, "")
    accounts = [line.split()[0] for line in out.partition("\n\n")[0].splitlines()[1:]]
    assert accounts == [f"{name}/{spec.sandbox().account('')['id']}" for name, spec in PROVIDERS.items()]
    assert {"archera/sandbox-archera", "fastly/sandbox-fastly", "spectrocloud/sandbox-palette"} <= set(accounts)


async def test_schema_prints_the_committed_sdl(tmp_path: Path) -> None:
    folder = Path(schema.__file__).parent

    assert await run_command("schema", cwd=tmp_path) == (0, (folder / "schema.graphql").read_text(), "")
    assert await run_command("schema", "--client", cwd=tmp_path) == (0, (folder / "client.graphql").read_text(), "")


async def test_help_lists_commands_and_unknown_ones_exit_with_2() -> None:
    code, out, _ = await run_command("--help")
    unknown_code, _, err = await run_command("serv")

    assert code == 0
    for command in ("serve", "sandbox", "check", "keys", "schema", "export", "report"):
        assert re.search(rf"\b{command}\b +[A-Z]", out)
    assert unknown_code == 2
    assert "No such command 'serv'" in err


def _failed_calls(log: str) -> list[tuple[object, ...]]:
    """Return what each line of the log says about a failed call. Fails if there are other lines."""
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["event"] for line in lines} == {"A call to a provider failed."}
    return [tuple(line[name] for name in ("account", "code", "cause", "status", "attempt")) for line in lines]
