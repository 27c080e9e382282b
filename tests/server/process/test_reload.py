"""Another configuration for a service that runs: without a dropped request, or not at all."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.sandbox import Fault
from providers.source import DateWindow
from server.accounts import connect_accounts, serve_sandbox_accounts
from tests.harness import PLAIN, sandbox_of
from tests.server.load import LIST, Load
from tests.server.provider import FORGETFUL, Provider, fastly, serving

OWN = "fastly/sandbox-fastly"


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with fastly(tmp_path) as served:
        yield served


@pytest.mark.parametrize("hang_up", [True, False])
async def test_a_changed_file_replaces_the_accounts_under_load(hang_up: bool, provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.02))
    async with serving(provider.config(account=FORGETFUL)) as service, Load(service.url) as load:
        await load.answers(20)
        before = load.coverage
        provider.config(account=FORGETFUL, accounts=2)
        if hang_up:
            service.process.send_signal(signal.SIGHUP)
        await load.until(lambda: len(load.coverage) == 2)
        provider.config(account=FORGETFUL)
        await load.until(lambda: len(load.coverage) == 1)
        await load.answers(20)

    assert before == [("fastly/cdn1", "COMPLETE")]
    assert load.failures == []


async def test_a_file_that_cannot_be_used_is_refused_with_its_error_and_the_old_one_stays(provider: Provider) -> None:
    file = provider.config(account=FORGETFUL)
    async with serving(file) as service, Load(service.url) as load:
        await load.answers(20)
        provider.write("[server]\nprt = 1\n")
        service.process.send_signal(signal.SIGHUP)
        said = [await service.line() for _ in range(2)]
        await load.answers(20)

    assert [line["event"] for line in said] == [
        "SIGHUP: the configuration is read again",
        "the configuration is refused, and the one before it stays",
    ]
    assert said[1]["reason"] == (
        f'{file} cannot be used:\n  server.prt: there is no such key; did you mean "port"?\n'
        "  accounts: there is none; write [[accounts]], in two brackets, above the keys of each account, "
        "or start without a file to see the sandboxes."
    )
    assert load.failures == []
    assert load.coverage == [("fastly/cdn1", "COMPLETE")]


async def test_a_file_that_is_gone_for_a_while_changes_nothing(provider: Provider) -> None:
    file = provider.config()
    async with serving(file) as service:
        await service.get("/healthz")
        file.unlink()
        service.process.send_signal(signal.SIGHUP)
        said = [await service.line() for _ in range(2)]
        provider.config(accounts=2)
        back = await service.line()
        answer = await service.ask(LIST)

    assert str(said[1]["reason"]).startswith(f"{file} cannot be read: No such file or directory.")
    assert (back["event"], back["accounts"]) == ("the configuration is in use", 2)
    assert len(answer.json()["data"]["invoices"]["coverage"]) == 2


async def test_what_is_remembered_of_an_account_that_stays_is_kept(provider: Provider) -> None:
    async with serving(provider.config()) as service:
        await service.ask(LIST)
        provider.config(account='name = "Renamed"\nconcurrency = 2\n')
        said = await service.line()
        answer = await service.ask("{ invoices(first: 1) { nodes { id } } accounts { name } }")

    assert said["event"] == "the configuration is in use"
    assert answer.json()["data"]["accounts"] == [{"name": "Renamed"}]
    assert len(provider.control.requests) == 1


async def test_another_port_is_said_to_need_a_start_and_another_deadline_is_in_use_at_once(provider: Provider) -> None:
    async with serving(provider.config()) as service:
        provider.config("port = 9\ndeadline = 0.5\n", FORGETFUL)
        said = [await service.line() for _ in range(2)]
        provider.control.faults.append(Fault(kind="hang"))
        answer = await service.ask(LIST)

    assert [line["event"] for line in said] == [
        "another host, port, number of workers or cache takes effect at the next start",
        "the configuration is in use",
    ]
    assert answer.json()["data"]["invoices"]["coverage"][0]["code"] == "TIMED_OUT"


async def test_a_request_keeps_the_accounts_it_began_with() -> None:
    sandbox = sandbox_of()
    sandbox.apis["fastly"].control.faults.append(Fault(kind="delay", seconds=0.2))
    async with serve_sandbox_accounts(sandbox, **PLAIN) as accounts, connect_accounts(accounts) as connections:
        before = connections.registry
        asking = asyncio.create_task(before[OWN].source.page(DateWindow(), None))
        await sandbox.apis["fastly"].control.until(in_flight=1)
        connections.use([account.model_copy(update={"concurrency": 2}) for account in accounts])
        page = await asking

    assert page.invoices
    assert connections.registry[OWN].source is not before[OWN].source


async def test_an_account_that_did_not_change_keeps_its_calls() -> None:
    async with serve_sandbox_accounts(sandbox_of(), **PLAIN) as accounts, connect_accounts(accounts) as connections:
        before = connections.registry
        connections.use([accounts[0], accounts[1].model_copy(update={"name": "Renamed"})])
        kept = [before[member.id].source is member.source for member in connections.registry]

    assert kept == [True, False]
