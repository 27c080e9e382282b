"""A provider of another package, installed with pip, in the command's own process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import schema
from tests.server.command import run_command, start_command

PACKAGE = Path(__file__).parents[2] / "fourth_provider"
QUERY = """{
  invoices(first: 1, filterBy: { providers: ["nimbus"], periodTo: "2026-05-31" }) {
    nodes {
      id
      total { amount currency }
      details { reference ... on NimbusInvoiceDetails { contact } }
      lineItems { nodes { id description product cost { amount } } }
      credits { id kind reference value { ... on Money { amount currency } } invoice { id } }
    }
    coverage { account { id } status code }
  }
}"""
INVOICE = {
    "id": "nimbus/sandbox-nimbus/invoice/N-202605",
    "total": {"amount": "6.50", "currency": "EUR"},
    "details": {"reference": "N-202605", "contact": "Ada"},
    "lineItems": {
        "nodes": [
            {
                "id": "nimbus/sandbox-nimbus/line-item/N-202605/62e7f43dab157a84-1",
                "description": "Shelf 0",
                "product": "Storage",
                "cost": {"amount": "5"},
            },
            {
                "id": "nimbus/sandbox-nimbus/line-item/N-202605/ee42a20d9ebc5ec8-1",
                "description": "Shelf 1",
                "product": "Storage",
                "cost": {"amount": "1.50"},
            },
        ]
    },
    "credits": [
        {
            "id": "nimbus/sandbox-nimbus/credit/N-202605/HELLO/1",
            "kind": "COUPON",
            "reference": "HELLO",
            "value": {"amount": "0.50", "currency": "EUR"},
            "invoice": {"id": "nimbus/sandbox-nimbus/invoice/N-202605"},
        }
    ],
}
COVERAGE = [{"account": {"id": "nimbus/sandbox-nimbus"}, "status": "COMPLETE", "code": None}]

REFUSING = """
from dataclasses import replace
from nimbus_invoices import PROVIDER as NIMBUS

def refuse(settings, client):
    raise ValueError(settings.api_key.get_secret_value())

PROVIDER = replace(NIMBUS, source=refuse)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install the package without the network. Returns the folder for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("site-packages")
    options = [
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--disable-pip-version-check",
        "--target",
        str(folder),
    ]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(PACKAGE)], check=True, capture_output=True)
    return str(folder)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """Write the metadata of a package whose module does not exist. Returns the folder for PYTHONPATH."""
    metadata = tmp_path / "site-packages" / "cumulus_invoices-2.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: cumulus-invoices\nVersion: 2.0\n")
    (metadata / "entry_points.txt").write_text("[invoicegraph.providers]\ncumulus = cumulus_invoices:PROVIDER\n")
    return str(metadata.parent)


async def test_workers_answer_for_it(installed: str, tmp_path: Path) -> None:
    options = ("--sandbox", "--port", "0", "--workers", "2")
    async with start_command("serve", *options, cwd=tmp_path, PYTHONPATH=installed) as service:
        response = await service.query(QUERY)
        code, _, _ = await service.stop(signal.SIGTERM)

    assert response.json()["data"] == {"invoices": {"nodes": [INVOICE], "coverage": COVERAGE}}
    assert code == 0


async def test_its_types_join_the_schema(installed: str) -> None:
    code, sdl, err = await run_command("schema", "--client", PYTHONPATH=installed)
    committed = (Path(schema.__file__).parent / "client.graphql").read_text()

    assert (code, err) == (0, "")
    assert set(committed.splitlines()) < set(sdl.splitlines())
    for name in ("NimbusInvoiceDetails implements InvoiceDetails", "NimbusLineItemDetails implements LineItemDetails"):
        assert f"type {name} {{" in sdl


async def test_its_accounts_are_configured_and_checked(installed: str, tmp_path: Path) -> None:
    config = tmp_path / "invoicegraph.toml"
    async with start_command("sandbox", "--port", "0", PYTHONPATH=installed) as sandbox:
        config.write_text(
            f'[[accounts]]\nid = "n"\nprovider = "nimbus"\nbase_url = "{sandbox.url}/nimbus"\n'
            'api_key = { env = "NIMBUS_API_KEY" }\n'
        )
        check = ("check", "--config", str(config))
        outcome = await run_command(*check, PYTHONPATH=installed, NIMBUS_API_KEY="sandbox-nimbus-key")

    assert (outcome[0], outcome[1].partition("\n\n")[0] + "\n", outcome[2]) == (
        0,
        "ACCOUNT       RESULT  MESSAGE\nnimbus/n (n)  ok      The invoices of this account can be read.\n",
        "",
    )


@pytest.mark.parametrize("command", [("schema",), ("check", "--sandbox")], ids=" ".join)
async def test_a_broken_one_is_logged_once(broken: str, command: tuple[str, ...], tmp_path: Path) -> None:
    code, out, err = await run_command(*command, cwd=tmp_path, PYTHONPATH=broken)
    (line,) = err.splitlines()
    event = json.loads(line)
    del event["timestamp"]

    assert code == 0
    assert "cumulus" not in out
    assert event == {
        "event": "A provider could not be loaded.",
        "level": "error",
        "provider": "cumulus",
        "distribution": "cumulus-invoices 2.0",
        "cause": "ModuleNotFoundError: No module named 'cumulus_invoices'",
    }


async def test_the_configuration_says_that_it_could_not_be_loaded(installed: str, broken: str, tmp_path: Path) -> None:
    config = tmp_path / "invoicegraph.toml"
    config.write_text('[[accounts]]\nid = "c"\nprovider = "cumulus"\napi_key = { env = "KEY" }\n')

    code, out, err = await run_command("check", "--config", str(config), PYTHONPATH=f"{installed}:{broken}")

    assert (code, out) == (2, "")
    assert err.splitlines()[1:] == [
        f"{config} is not a valid configuration:",
        '  accounts[1] ("c"): "cumulus" of cumulus-invoices 2.0 could not be loaded (ModuleNotFoundError: No module '
        'named \'cumulus_invoices\'); write provider = "archera" or "fastly" or "nimbus" or "spectrocloud".',
    ]


async def test_an_account_that_its_source_refuses_is_told_at_the_start(tmp_path: Path) -> None:
    metadata = tmp_path / "nimbus_invoices-2.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: nimbus-invoices\nVersion: 2.0\n")
    (metadata / "entry_points.txt").write_text("[invoicegraph.providers]\nnimbus = refusing:PROVIDER\n")
    (tmp_path / "refusing.py").write_text(REFUSING)
    config = tmp_path / "invoicegraph.toml"
    config.write_text('[[accounts]]\nid = "n"\nprovider = "nimbus"\napi_key = { env = "NIMBUS_API_KEY" }\n')
    paths = f"{tmp_path}{os.pathsep}{PACKAGE}"

    outcome = await run_command("serve", "--config", str(config), PYTHONPATH=paths, NIMBUS_API_KEY="secret-key")

    message = 'accounts[1] ("n"): the provider "nimbus" cannot open this account (ValueError). Correct its keys'
    assert outcome == (
        2,
        "",
        f"{config} is not a valid configuration:\n  {message}, or the package of the provider.\n",
    )
