"""A secret in a configuration that is refused is not printed."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.server.command import run_command
from tests.server.planted import Planted

from .test_planted_secrets import DETAILED

ACCOUNT = '[[accounts]]\nid = "cdn"\nprovider = "fastly"\n'

REFUSED = {
    "a literal key": ACCOUNT + "api_key = {toml}",
    "a bare literal": ACCOUNT + "api_key = {secret}",
    "a key for a variable": ACCOUNT + "api_key = {{ env = {toml} }}",
    "a key for a file": ACCOUNT + "api_key = {{ file = {toml} }}",
    "a key in a table": ACCOUNT + "api_key = {{ value = {toml} }}",
    "a user in an address": ACCOUNT + 'base_url = "https://user:{quoted}@host"\napi_key = {{ env = "KEY" }}',
    "a key in an address": ACCOUNT + 'base_url = "https://host?key={quoted}"\napi_key = {{ env = "KEY" }}',
    "a cache with a password": '[cache]\nurl = "redis://:{quoted}@host:1/0"\n',
    "a cache of a variable": '[cache]\nurl = {{ env = "URL" }}\n',
    "an unknown key": "[server]\npassword = {toml}\n",
    "a wrong type": "[server]\nport = {toml}\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
async def test_a_refused_configuration_is_not_printed(tmp_path: Path, text: str) -> None:
    planted, path = Planted(), tmp_path / "invoicegraph.toml"
    secret = planted.secret("configuration")
    path.write_text(text.format(secret=secret, toml=json.dumps(secret), quoted=quote(secret, safe="")))

    variables = DETAILED | {"KEY": "key", "URL": f"redis://:{secret}@127.0.0.1:1"}
    code, out, err = await run_command("check", "--config", str(path), **variables)

    assert (code, out) == (2, "")
    assert planted.found(err) == set(), err


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "INVOICEGRAPH_SERVER__PORT", "INVOICEGRAPH_SERVER"])
async def test_a_refused_variable_is_not_printed(name: str) -> None:
    planted = Planted()

    code, out, err = await run_command(
        "check", **DETAILED | {"https_proxy": "", name: f"//{planted.secret('variable')}"}
    )

    assert (code, out) == (2, "")
    assert planted.found(err) == set(), err
