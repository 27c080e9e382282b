"""When the service starts without authentication, and how a revoked key gets into a running one."""

import json
import signal
from pathlib import Path

import httpx
import pytest

from tests.server.command import ServiceProcess, run_command, start_command, write_config

REFUSAL = (
    "The service does not listen on 0.0.0.0 without a method of authentication: create an API key with "
    '`invoicegraph keys create NAME --account "*" --file keys.json` and write keys_file = "keys.json" below [access], '
    "or set INVOICEGRAPH_ACCESS__KEYS_FILE=keys.json; or listen on 127.0.0.1; or, if everyone who reaches the port may "
    'read all accounts, write mode = "none" below [access], or set INVOICEGRAPH_ACCESS=none.\n'
)
IMAGE = ("serve", "--host", "0.0.0.0", "--port", "0")  # as the container image starts
SANDBOX = (*IMAGE, "--sandbox")
ACCOUNT = [("http://127.0.0.1:1", "provider-key")]
QUERY = {"query": "{ accounts { id } }"}


async def _post(service: ServiceProcess, **headers: str) -> int:
    port = httpx.URL(service.url).port
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return (await client.post(f"http://127.0.0.1:{port}/graphql", json=QUERY, headers=headers)).status_code


async def test_the_image_without_a_method_does_not_start() -> None:
    assert await run_command(*SANDBOX) == (2, "", REFUSAL)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_real_accounts_without_a_method_do_not_start(workers: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, ACCOUNT)

    assert await run_command(*IMAGE, "--workers", workers, "--config", config) == (2, "", REFUSAL)
    assert await run_command("serve", "--config", config, INVOICEGRAPH_SERVER__HOST="0.0.0.0") == (2, "", REFUSAL)


async def test_mode_none_starts_with_a_warning(tmp_path: Path) -> None:
    config = write_config(tmp_path, ACCOUNT, '[access]\nmode = "none"\n')
    for arguments, extra in ((("--config", config), {}), (("--sandbox",), {"INVOICEGRAPH_ACCESS": "none"})):
        async with start_command(*IMAGE, *arguments, **extra) as service:
            warning = await service.next_log_line()
            assert await _post(service) == 200

        assert (warning["level"], str(warning["event"])[:31]) == ("warning", "Callers are not authenticated: ")


async def test_five_lines_lead_to_a_key(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    code, key, _ = await run_command("keys", "create", "finance", "--account", "*", "--file", str(file))
    async with start_command(*SANDBOX, INVOICEGRAPH_ACCESS__KEYS_FILE=str(file)) as service:
        statuses = await _post(service), await _post(service, Authorization=f"Bearer {key.strip()}")

    assert (code, statuses, file.stat().st_mode & 0o777) == (0, (401, 200), 0o600)
    assert key.strip() not in file.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_revoked_key_is_refused_without_restart(workers: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys = [await _create(file, name) for name in ("finance", "sales")]
    arguments = ("serve", "--sandbox", "--port", "0", "--workers", workers)
    async with start_command(*arguments, INVOICEGRAPH_ACCESS__KEYS_FILE=str(file)) as service:
        headers = [{"X-API-Key": key} for key in keys]
        assert [await _post(service, **each) for each in headers] == [200, 200]
        await run_command("keys", "revoke", "finance", "--file", str(file))
        while await service.next_log_line() and await _post(service, **headers[0]) != 401:
            pass
        assert await _post(service, **headers[1]) == 200


async def _create(file: Path, name: str) -> str:
    _, key, _ = await run_command("keys", "create", name, "--account", "*", "--file", str(file))
    return key.strip()


async def test_a_reload_without_a_method_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = await _create(file, "finance")
    config = write_config(tmp_path, ACCOUNT, f'[access]\nkeys_file = "{file}"\n')
    async with start_command(*IMAGE, "--config", config) as service:
        # The address stays 0.0.0.0 until the next start, so the new host does not make the new file valid.
        write_config(tmp_path, ACCOUNT, '[server]\nhost = "127.0.0.1"\n')
        line = await service.next_log_line()
        statuses = await _post(service), await _post(service, Authorization=f"Bearer {key}")
        await service.stop(signal.SIGTERM)

    assert line["reason"] == REFUSAL.strip()
    assert statuses == (401, 200)


async def test_a_reload_that_opens_the_service_warns(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    await _create(file, "finance")
    config = write_config(tmp_path, ACCOUNT, f'[access]\nkeys_file = "{file}"\n')
    async with start_command(*IMAGE, "--config", config) as service:
        assert await _post(service) == 401
        write_config(tmp_path, ACCOUNT, '[access]\nmode = "none"\n')
        lines = [await service.next_log_line() for _ in range(3)]
        assert await _post(service) == 200

    assert [line["level"] for line in lines] == ["warning", "info", "warning"]
    assert str(lines[2]["event"]).startswith("Callers are not authenticated: ")


async def test_the_log_has_the_cause_of_refusals_once(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = await _create(file, "finance")
    async with start_command("serve", "--sandbox", "--port", "0", INVOICEGRAPH_ACCESS__KEYS_FILE=str(file)) as service:
        for headers in ({}, {}, {"X-API-Key": key[:-1]}, {"X-API-Key": f"ig_{'A' * 43}"}):
            assert await _post(service, **headers) == 401
        log = (await service.stop(signal.SIGTERM))[2]

    lines = [json.loads(line) for line in log.splitlines()]
    assert [(line["cause"], line["peer"]) for line in lines] == [
        ("the request has no credential of a configured method", "127.0.0.1"),
        ("the API key does not have the form of one", "127.0.0.1"),
        ("the API key is unknown or revoked", "127.0.0.1"),
    ]
    assert key[3:20] not in log


async def test_forwarded_for_is_no_address_of_a_gateway(tmp_path: Path) -> None:
    tables = '[access.gateway]\naddresses = ["192.0.2.1"]\neveryone = { accounts = ["*"] }\n'
    config = write_config(tmp_path, ACCOUNT, tables)
    async with start_command("serve", "--port", "0", "--config", config, FORWARDED_ALLOW_IPS="*") as service:
        forwarded = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
        assert await _post(service, **forwarded) == 401
