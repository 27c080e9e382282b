"""The `[access]` table: the examples of the documentation, and messages about mistakes."""

import re
from collections.abc import MutableMapping
from pathlib import Path

import pytest

from resolvers.grants import Grants
from schema.scopes import Scope
from server.config.loading import ConfigurationError, load
from server.config.settings import Settings
from tests.server.configuration import CDN_WITH_KEY

DOCUMENTATION = (Path(__file__).parents[3] / "docs/access.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENTATION, re.DOTALL)
HASH = "0" * 64
KEY = f'[[access.keys]]\nname = "a"\nhash = "{HASH}"\naccounts = ["*"]\n'
JWT = '[access.jwt]\nissuer = "https://a.example"\naudience = "a"\ngrants.a = { accounts = ["*"] }\n'
GATEWAY = "[access.gateway]\n"
EVERYONE = 'everyone = { accounts = ["*"] }\n'
pytestmark = pytest.mark.usefixtures("api_key_env")

INVALID = {
    'access = "off"\n': "access.mode: write 'none'.",
    f'[access]\nmode = "none"\n{KEY}': 'access: mode = "none" contradicts the methods below it; remove one of them.',
    "[access]\nmethods = 1\n": (
        "access.methods: this key does not exist; the valid keys are mode, keys, keys_file, jwt, gateway, audit."
    ),
    '[access]\nkeys_file = "/no/keys.json"\n': (
        "access.keys_file: the file /no/keys.json cannot be read (No such file or directory)."
    ),
    "[access]\nkeys_file = 1\n": 'access.keys_file: write a path in quotes: "/…".',
    KEY + KEY: 'access: two API keys have the name "a"; use each name once.',
    KEY + KEY.replace('"a"', '"b"'): 'access: "a" and "b" are one API key with one hash; create a key for each.',
    KEY.replace(HASH, "ig_secret"): (
        "access.keys[1].hash: write the hash that `invoicegraph keys create` prints, not the key itself."
    ),
    KEY.replace('"*"', '"fastly"'): (
        'access.keys[1].accounts[1]: write "*", "PROVIDER/*" or "PROVIDER/ID", with a PROVIDER of archera, fastly, '
        "spectrocloud."
    ),
    KEY + "expires = 2027-01-31T00:00:00\n": (
        "access.keys[1].expires: write a time with its offset, such as 2027-01-31T00:00:00Z."
    ),
    KEY + 'scopes = ["all"]\n': (
        "access.keys[1].scopes[1]: write 'invoices:read', 'raw:read', 'cache:bypass' or 'export'."
    ),
    JWT + 'algorithms = ["HS256"]\n': (
        "access.jwt.algorithms[1]: write 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', "
        "'ES512' or 'EdDSA'."
    ),
    JWT + "leeway = 61\n": "access.jwt.leeway: write 60 or less.",
    JWT + 'jwks_url = "http://a.example/keys"\n': (
        "access.jwt.jwks_url: write https://HOST; http:// is allowed only for an address on this machine."
    ),
    JWT + 'jwks_url = "https://a.example"\ndiscovery_url = "https://a.example"\n': (
        "access.jwt: write only one of discovery_url, jwks_url and jwks_file."
    ),
    GATEWAY + EVERYONE: (
        "access.gateway: write secret, addresses, or both: the service must be able to tell the gateway."
    ),
    GATEWAY + 'addresses = ["10.0.0.0/33"]\n' + EVERYONE: (
        'access.gateway.addresses[1]: write an address or a network, such as "10.0.0.7" or "10.0.0.0/8".'
    ),
    GATEWAY + 'addresses = ["10.0.0.7"]\n': "access.gateway: write either groups_header with grants, or everyone.",
    GATEWAY + 'addresses = ["10.0.0.7"]\nname_header = "a b"\n' + EVERYONE: (
        'access.gateway.name_header: write the name of a header, such as "X-Forwarded-User".'
    ),
    GATEWAY + 'addresses = ["10.0.0.7", "0.0.0.0/0"]\n' + EVERYONE: (
        "access.gateway: addresses has every address, so anyone could be the gateway; write its own, or secret."
    ),
    GATEWAY + 'secret = { env = "LONG" }\nname_header = "X-Gateway-Secret"\n' + EVERYONE: (
        "access.gateway: name_header, groups_header and secret_header must be different headers."
    ),
    GATEWAY + 'addresses = ["10.0.0.7"]\nname_header = "Authorization"\n' + EVERYONE: (
        "access.gateway: name_header and groups_header must not be headers of credentials."
    ),
    GATEWAY + 'secret = { env = "SHORT" }\n' + EVERYONE: (
        "access.gateway.secret: the secret is too short; it should have at least 16 random characters."
    ),
}


def _load(path: Path, access: str) -> Settings:
    path.write_text(access + CDN_WITH_KEY)
    return load(path)


@pytest.mark.parametrize("access", INVALID, ids=range(len(INVALID)))
def test_a_mistake_is_told_with_its_place(
    access: str, config_path: Path, api_key_env: MutableMapping[str, str]
) -> None:
    api_key_env.update({"SHORT": "fifteen-letters", "LONG": "sixteen--letters"})
    with pytest.raises(ConfigurationError) as error:
        _load(config_path, access)

    assert str(error.value) == f"{config_path} is not a valid configuration:\n  {INVALID[access]}"


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_documented_tables_load(
    example: str, config_path: Path, tmp_path: Path, api_key_env: MutableMapping[str, str]
) -> None:
    api_key_env["GATEWAY_SECRET"] = "a-secret-of-the-gateway"
    keys_file = tmp_path / "keys.json"
    keys_file.write_text('{"keys": []}')
    settings = _load(config_path, example.replace("/etc/invoicegraph/keys.json", str(keys_file)) + "\n")

    assert settings.access.has_methods


def test_a_key_may_read_invoices_unless_told_otherwise(config_path: Path) -> None:
    [key] = _load(config_path, KEY).access.all_keys

    assert key.grants == Grants(frozenset({"*"}), frozenset({Scope.INVOICES_READ}))


@pytest.mark.parametrize(
    ("mode", "problem"),
    [(0o620, "other users can write the file {} (mode 0620); change it to 0600"), (0o644, None), (0o400, None)],
)
def test_others_must_not_write_the_file_of_keys(
    mode: int, problem: str | None, config_path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"keys": []}')
    file.chmod(mode)
    table = f'[access]\nkeys_file = "{file}"\n'
    if problem is None:
        assert _load(config_path, table).access.has_methods
        return
    with pytest.raises(ConfigurationError, match=re.escape(problem.format(file))):
        _load(config_path, table)


def test_the_environment_overrides_access(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env["INVOICEGRAPH_ACCESS"] = "none"

    assert load(None, sandbox=True, host="0.0.0.0").access.mode == "none"
    assert _load(config_path, '[server]\nhost = "0.0.0.0"\n').access.mode == "none"
