"""`invoicegraph check` names what it cannot read."""

from pathlib import Path

from providers.archera.sandbox import ORG
from providers.sandbox import Fault, serve
from tests.harness import sandbox_of
from tests.server.command import run_command


async def check(folder: Path, url: str, key: str, *settings: str) -> tuple[int | None, str, str]:
    """Run the command with one account and return its exit code, its table and its log."""
    provider = url.rpartition("/")[2]
    lines = [f'provider = "{provider}"', f'base_url = "{url}"', *settings, 'api_key = { env = "FACTS_KEY" }']
    config = folder / "invoicegraph.toml"
    config.write_text("\n".join(['[[accounts]]\nid = "a"', *lines, ""]))
    return await run_command("check", "--config", str(config), FACTS_KEY=key)


async def test_check_names_the_keys_of_unknown_money(tmp_path: Path) -> None:
    sandbox = sandbox_of("archera")
    api = sandbox.apis["archera"]
    api.control.faults.append(Fault(kind="shape", shape="unknown_money", path="line-items"))
    async with serve(sandbox) as url:
        code, out, err = await check(tmp_path, f"{url}/archera", api.key, f'org_id = "{ORG}"')

    assert code == 0
    note = "Amounts of line items are under unknown keys, and so are null: fees.premium, fees.rebate."
    assert out.splitlines()[1] == f"archera/a (a)  ok      The invoices of this account can be read. {note}"
    assert err.count("Line items have amounts under unknown keys.") == 1
    assert len(api.control.requests) == 2
