"""`invoicegraph check` names what it cannot read."""

from pathlib import Path

from providers.archera.sandbox import ORG
from providers.sandbox import Fault, serve
from providers.spectrocloud.sandbox import TENANT
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


async def test_check_names_the_uid_that_fails(tmp_path: Path) -> None:
    sandbox = sandbox_of("spectrocloud")
    api = sandbox.apis["spectrocloud"]
    good, bad = api.uids[-2:]  # type: ignore[attr-defined]
    api.control.faults.append(Fault(kind="status", status=404, path=bad))
    async with serve(sandbox) as url:
        settings = (f'tenant_uid = "{TENANT}"', f'invoice_uids = ["{good}", "{bad}"]')
        code, out, _ = await check(tmp_path, f"{url}/spectrocloud", api.key, *settings)

    assert code == 1
    assert out.splitlines()[1].endswith(f"are known. Invoices that failed: {bad}.")


async def test_check_accepts_a_complete_list_of_uids(tmp_path: Path) -> None:
    sandbox = sandbox_of("spectrocloud")
    api = sandbox.apis["spectrocloud"]
    async with serve(sandbox) as url:
        uids = f'invoice_uids = ["{api.uids[-1]}"]\ninvoice_uids_complete = true'  # type: ignore[attr-defined]
        code, out, _ = await check(tmp_path, f"{url}/spectrocloud", api.key, f'tenant_uid = "{TENANT}"', uids)

    note = "Spectro Cloud Palette has no list of invoices. According to the configuration, it names all of them."
    assert (code, out.splitlines()[1].partition("  ok      ")[2]) == (
        0,
        f"The invoices of this account can be read. {note}",
    )


async def test_check_tells_a_key_that_is_refused_with_404(tmp_path: Path) -> None:
    sandbox = sandbox_of("spectrocloud")
    api = sandbox.apis["spectrocloud"]
    api.control.faults.append(Fault(kind="shape", shape="refused_key"))
    settings = f'tenant_uid = "{TENANT}"', 'invoice_uids = ["one"]'
    async with serve(sandbox) as url:
        code, out, err = await check(tmp_path, f"{url}/spectrocloud", api.key, *settings)

    assert code == 1
    assert "UNAUTHORIZED" in out
    assert api.key not in out + err
