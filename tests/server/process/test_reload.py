"""Reload of the configuration: it drops no request, and an invalid file changes nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.call import CallContext
from providers.sandbox import Fault
from providers.source import DateWindow
from server.accounts import connect_accounts, serve_sandbox_accounts
from server.config.loading import load
from server.config.watcher import ConfigWatcher
from tests.harness import NO_CACHE_NO_RETRY, create_sandbox
from tests.server.command import ServiceProcess
from tests.server.load import LIST, Load
from tests.server.provider import NO_CACHE, Provider, serve_fastly, start_service

FASTLY_ID = "fastly/sandbox-fastly"


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with serve_fastly(tmp_path) as running_provider:
        yield running_provider


@pytest.mark.parametrize("with_sighup", [True, False])
async def test_changed_file_replaces_the_accounts_under_load(with_sighup: bool, provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.02))
    async with start_service(provider.configure(account=NO_CACHE)) as service, Load(service.url) as load:
        await load.wait_for_responses(20)
        before = load.coverage
        provider.configure(account=NO_CACHE, accounts=2)
        if with_sighup:
            service.process.send_signal(signal.SIGHUP)
        await load.wait_until(lambda: len(load.coverage) == 2)
        provider.configure(account=NO_CACHE)
        await load.wait_until(lambda: len(load.coverage) == 1)
        await load.wait_for_responses(20)

    assert before == [("fastly/cdn1", "COMPLETE")]
    assert load.failures == []


async def test_invalid_file_is_logged_and_changes_nothing(provider: Provider) -> None:
    config_path = provider.configure(account=NO_CACHE)
    async with start_service(config_path) as service, Load(service.url) as load:
        await load.wait_for_responses(20)
        provider.write("[server]\nprt = 1\n")
        service.process.send_signal(signal.SIGHUP)
        events = [await service.next_log_line() for _ in range(2)]
        await load.wait_for_responses(20)

    assert [line["event"] for line in events] == [
        "SIGHUP received. The service reads the configuration again.",
        "The new configuration is invalid. The previous one stays in use. Correct the file.",
    ]
    assert events[1]["reason"] == (
        f'{config_path} is not a valid configuration:\n  server.prt: this key does not exist; did you mean "port"?\n'
        "  accounts: no account is configured; write [[accounts]], in two brackets, above the keys of each account, "
        "or add --sandbox for simulated accounts."
    )
    assert load.failures == []
    assert load.coverage == [("fastly/cdn1", "COMPLETE")]


async def test_missing_file_changes_nothing(provider: Provider) -> None:
    config_path = provider.configure()
    async with start_service(config_path) as service:
        await service.get("/healthz")
        config_path.unlink()
        service.process.send_signal(signal.SIGHUP)
        events = [await service.next_log_line() for _ in range(2)]
        provider.configure(accounts=2)
        reload_event = await service.next_log_line()
        response = await service.query(LIST)

    assert str(events[1]["reason"]).startswith(f"{config_path} cannot be read: No such file or directory.")
    assert (reload_event["event"], reload_event["accounts"]) == ("The configuration is in use.", 2)
    assert len(response.json()["data"]["invoices"]["coverage"]) == 2


async def test_reload_keeps_the_cache_of_an_account(provider: Provider) -> None:
    async with start_service(provider.configure()) as service:
        await service.query(LIST)
        provider.configure(account='name = "Renamed"\nconcurrency = 2\n')
        event = await service.next_log_line()
        response = await service.query("{ invoices(first: 1) { nodes { id } } accounts { name } }")

    assert event["event"] == "The configuration is in use."
    assert response.json()["data"]["accounts"] == [{"name": "Renamed"}]
    assert len(provider.control.requests) == 1


async def test_reload_applies_the_deadline_but_not_the_port(provider: Provider) -> None:
    async with start_service(provider.configure()) as service:
        provider.configure("port = 9\ndeadline = 0.5\n", NO_CACHE)
        events = [await service.next_log_line() for _ in range(2)]
        provider.control.faults.append(Fault(kind="hang"))
        response = await service.query(LIST)

    assert [line["event"] for line in events] == [
        "A change of host, port, workers, max_connections, access_log, compiled, introspection, [cache] or [metrics] "
        "takes effect at the next start.",
        "The configuration is in use.",
    ]
    assert response.json()["data"]["invoices"]["coverage"][0]["code"] == "TIMED_OUT"


async def test_reload_disables_the_console(provider: Provider) -> None:
    async with start_service(provider.configure()) as service:
        before = await service.get("/", "text/html")
        provider.configure("console = false\n")
        await service.next_log_line()
        after = await service.get("/", "text/html")

    assert before.headers.get("content-type") != "application/json"  # the page, or the way to GraphiQL
    assert after.text == '{"service":"Invoicegraph","graphql":"/graphql"}'


RATE = '{ invoices(first: 1) { nodes { totalIn(to: "CHF") { rates { rate source } } } } }'


@pytest.mark.parametrize("workers", [1, 2])
async def test_changed_rates_are_used(workers: int, provider: Provider, tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"

    def write(rate: str) -> None:
        months = [f"2026-{month:02}" for month in range(1, 13)]
        days = [f"{month}-{day:02}" for month in months for day in (1, 8, 15, 22, 28)]
        lines = [f"{base},CHF,{day},{rate},Bank" for base in ("USD", "EUR") for day in days]
        rates.with_suffix(".new").write_text("\n".join(["base,currency,date,rate,source", *lines]))
        rates.with_suffix(".new").replace(rates)

    write("0.5")
    config_path = provider.configure(f'workers = {workers}\n[rates]\nfiles = ["{rates}"]\n')
    async with start_service(config_path) as service:
        found = [await rate_of(service)]
        write("zero")
        while "reason" not in (error := await service.next_log_line()):
            pass
        found.append(await rate_of(service))
        write("0.75")
        async with asyncio.timeout(20):
            while (rate := await rate_of(service)) == "0.5":
                pass

    assert found == ["0.5", "0.5"]
    assert f"rates: {rates}, line 2: write a rate above 0" in str(error["reason"])
    assert rate == "0.75"


async def rate_of(service: ServiceProcess) -> str:
    [node] = (await service.query(RATE)).json()["data"]["invoices"]["nodes"]
    return str(node["totalIn"]["rates"][0]["rate"])


def test_a_change_of_compiled_waits_for_a_restart(provider: Provider) -> None:
    config_path = provider.configure()
    watcher = ConfigWatcher(config_path, load(config_path), {})
    provider.configure("compiled = false\ndeadline = 0.5\n")

    settings = watcher.poll(is_forced=True)

    assert settings is not None
    assert (settings.server.compiled, settings.server.deadline) == (True, 0.5)


async def test_running_request_keeps_its_accounts() -> None:
    sandbox = create_sandbox()
    sandbox.apis["fastly"].control.faults.append(Fault(kind="delay", seconds=0.2))
    async with (
        serve_sandbox_accounts(sandbox, **NO_CACHE_NO_RETRY) as accounts,
        connect_accounts(accounts) as connections,
    ):
        before = connections.registry
        request = asyncio.create_task(before[FASTLY_ID].source.pages.get((DateWindow(), None), CallContext()))
        await sandbox.apis["fastly"].control.wait_for_in_flight(in_flight=1)
        connections.replace_accounts([account.model_copy(update={"concurrency": 2}) for account in accounts])
        page = await request

    assert page.invoices
    assert connections.registry[FASTLY_ID].source is not before[FASTLY_ID].source


async def test_unchanged_account_keeps_its_source() -> None:
    async with (
        serve_sandbox_accounts(create_sandbox(), **NO_CACHE_NO_RETRY) as accounts,
        connect_accounts(accounts) as connections,
    ):
        before = connections.registry
        connections.replace_accounts([accounts[0], accounts[1].model_copy(update={"name": "Renamed"})])
        has_same_source = [before[each.id].source is each.source for each in connections.registry]

    assert has_same_source == [True, False]
