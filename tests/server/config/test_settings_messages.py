"""Messages about invalid configurations."""

import os
import tomllib
from collections.abc import MutableMapping
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from providers import PROVIDERS
from providers.archera.client import ArcheraSettings
from server.config.loading import ConfigurationError, load
from tests.server.configuration import CDN, CDN_WITH_KEY, KEY

PALETTE = '[[accounts]]\nid = "p"\nprovider = "spectrocloud"\napi_key = { env = "FASTLY_API_KEY" }\n'
ARCHERA = PALETTE.replace("spectrocloud", "archera")
SECRET_HELP = (
    'write { env = "NAME" } to take it from an environment variable, or { file = "/path" } to read it from a file.'
)
LITERAL_HELP = f"do not write the key in the configuration file; {SECRET_HELP}"
ACCOUNTS_HELP = "write [[accounts]], in two brackets, above the keys of each account"
BASE_URL_HELP = "write https://HOST; http:// is allowed only for an address on this machine."
PLAIN_URL_HELP = "write the address without a user, a password, a query or a fragment."
INTEGER_HELP = "write a whole number."
SERVER_KEYS = (
    "host, port, workers, public_origins, cors_origins, cors_credentials, console, introspection, allowed_hosts, "
    "deadline, max_requests, max_response_bytes, max_provider_calls, cost_per_minute, provider_calls_per_minute, "
    "max_connections, persisted_operations, persisted_manifests, access_log, odd_sandbox, compiled, shutdown_grace"
)
ORIGIN_HELP = 'write the origin of a page as browsers send it, such as "https://invoices.example.com".'
STRING_HELP = 'write a string in quotes: "…".'
PROVIDER_HELP = "write provider = " + " or ".join(f'"{name}"' for name in PROVIDERS) + "."
NO_ACCOUNTS = f"accounts: no account is configured; {ACCOUNTS_HELP}, or add --sandbox for simulated accounts."

INVALID_SETTINGS = {
    "": NO_ACCOUNTS,
    "accounts = []": NO_ACCOUNTS,
    'accounts = "cdn"': f"accounts: {ACCOUNTS_HELP}.",
    '[accounts]\nid = "cdn"': f"accounts: {ACCOUNTS_HELP}.",
    'accounts = ["cdn"]': f"accounts[1]: {ACCOUNTS_HELP}.",
    f"[sever]\n{CDN_WITH_KEY}": 'sever: this key does not exist; did you mean "server"?',
    f"[server]\nprt = 1\n{CDN_WITH_KEY}": 'server.prt: this key does not exist; did you mean "port"?',
    f"[server.tls]\n{CDN_WITH_KEY}": f"server.tls: this key does not exist; the valid keys are {SERVER_KEYS}.",
    f'server = "x"\n{CDN_WITH_KEY}': "server: write a table with the header [server].",
    f"[server]\nhost = 3\n{CDN_WITH_KEY}": f"server.host: {STRING_HELP}",
    f'[server]\nhost = ""\n{CDN_WITH_KEY}': 'server.host: the string is empty; write at least one character: "…".',
    f'[server]\nport = "http"\n{CDN_WITH_KEY}': f"server.port: {INTEGER_HELP}",
    f"[server]\nport = 80.5\n{CDN_WITH_KEY}": f"server.port: {INTEGER_HELP}",
    f"[server]\nport = 70000\n{CDN_WITH_KEY}": "server.port: write 65535 or less.",
    f'[server]\ndeadline = "10s"\n{CDN_WITH_KEY}': "server.deadline: write a number.",
    f"[server]\ndeadline = 0\n{CDN_WITH_KEY}": "server.deadline: write a number greater than 0.",
    f"[server]\ndeadline = 301\n{CDN_WITH_KEY}": "server.deadline: write 300 or less.",
    f"[server]\ndeadline = nan\n{CDN_WITH_KEY}": "server.deadline: write 300 or less.",
    f'[server]\npublic_origins = ["https://a.example", "b.example"]\n{CDN_WITH_KEY}': (
        f"server.public_origins[2]: {ORIGIN_HELP}"
    ),
    f'[server]\npublic_origins = ["https://a.example/graphql"]\n{CDN_WITH_KEY}': (
        f"server.public_origins[1]: {ORIGIN_HELP}"
    ),
    f'[server]\ncors_origins = ["*"]\n{CDN_WITH_KEY}': f"server.cors_origins[1]: {ORIGIN_HELP}",
    f"[server]\npublic_origins = 1\n{CDN_WITH_KEY}": 'server.public_origins: write a list of strings: ["…", "…"].',
    f'{CDN_WITH_KEY}nmae = "CDN"': 'accounts[1] ("cdn") nmae: this key does not exist; did you mean "name"?',
    f"{CDN_WITH_KEY}name = 3": f'accounts[1] ("cdn") name: {STRING_HELP}',
    f"{CDN_WITH_KEY}concurrency = 0": 'accounts[1] ("cdn") concurrency: write 1 or more.',
    f'{CDN_WITH_KEY}concurrency = "8"': 'accounts[1] ("cdn") concurrency: write a whole number, without quotes.',
    f'{CDN_WITH_KEY}sandbox = "yes"': 'accounts[1] ("cdn") sandbox: write true or false, without quotes.',
    f'{CDN_WITH_KEY}currency = "usd"': (
        'accounts[1] ("cdn") currency: write the three upper-case letters of an ISO 4217 currency, such as "USD".'
    ),
    f'{CDN_WITH_KEY}currency = "UDS"': (
        'accounts[1] ("cdn") currency: write the three upper-case letters of an ISO 4217 currency, such as "USD".'
    ),
    f"[server]\nworkers = 0\n{CDN_WITH_KEY}": "server.workers: write 1 or more.",
    f"[server]\nworkers = 3\n{CDN_WITH_KEY}rate_limit = {{ per_second = 1, burst = 2 }}": (
        'accounts: the burst of "cdn" is 2, which cannot be divided among 3 workers; '
        "write a larger burst or fewer workers."
    ),
    CDN: 'accounts[1] ("cdn") api_key: this key is required; write api_key = { env = "NAME" }.',
    ARCHERA: 'accounts[1] ("p") org_id: this key is required; write org_id = "…".',
    f'{PALETTE}invoice_uids = ["65bb"]': 'accounts[1] ("p") tenant_uid: this key is required; write tenant_uid = "…".',
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids = "65bb"': (
        'accounts[1] ("p") invoice_uids: write a list of strings: ["…", "…"].'
    ),
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids = ["65", 3]': f'accounts[1] ("p") invoice_uids[2]: {STRING_HELP}',
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids_file = 3': (
        'accounts[1] ("p") invoice_uids_file: write a path in quotes: "/…".'
    ),
    CDN_WITH_KEY.replace('id = "cdn"', ""): 'accounts[1] id: this key is required; write id = "…".',
    CDN_WITH_KEY.replace('"cdn"', '"CDN 1"'): 'accounts[1] ("CDN 1") id: write 1 to 32 characters from a-z, 0-9 and -.',
    CDN_WITH_KEY.replace(
        '"cdn"', f'"{"a" * 33}"'
    ): f'accounts[1] ("{"a" * 33}") id: write 1 to 32 characters from a-z, 0-9 and -.',
    CDN_WITH_KEY.replace(
        '"cdn"', r'"cdn\n"'
    ): r'accounts[1] ("cdn\n") id: write 1 to 32 characters from a-z, 0-9 and -.',
    CDN_WITH_KEY.replace('"fastly"', '"fasty"'): f'accounts[1] ("cdn"): {PROVIDER_HELP}',
    CDN_WITH_KEY.replace('provider = "fastly"', ""): f'accounts[1] ("cdn"): {PROVIDER_HELP}',
    CDN_WITH_KEY * 2: 'accounts: two accounts have the id "cdn"; use each id once over all providers.',
    f'{CDN_WITH_KEY}base_url = "http://api.fastly.com"': f'accounts[1] ("cdn") base_url: {BASE_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "api.fastly.com"': f'accounts[1] ("cdn") base_url: {BASE_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "https://"': f'accounts[1] ("cdn") base_url: {BASE_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "https://a b"': f'accounts[1] ("cdn") base_url: {BASE_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "https://h:99999"': f'accounts[1] ("cdn") base_url: {BASE_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "https://me:{KEY}@h"': f'accounts[1] ("cdn") base_url: {PLAIN_URL_HELP}',
    f'{CDN_WITH_KEY}base_url = "https://h/?key={KEY}"': f'accounts[1] ("cdn") base_url: {PLAIN_URL_HELP}',
    f'{CDN}api_key = "{KEY}"': f'accounts[1] ("cdn") api_key: {LITERAL_HELP}',
    f'{CDN}api_key = ["{KEY}"]': f'accounts[1] ("cdn") api_key: {LITERAL_HELP}',
    f'{CDN}api_key = {{ value = "{KEY}" }}': f'accounts[1] ("cdn") api_key: {SECRET_HELP}',
    f'{CDN}api_key = {{ env = "A", file = "/b" }}': f'accounts[1] ("cdn") api_key: {SECRET_HELP}',
    f"{CDN}api_key = {{ file = 3 }}": f'accounts[1] ("cdn") api_key: {SECRET_HELP}',
    f'{CDN}api_key = {{ env = "{KEY}" }}': (
        'accounts[1] ("cdn") api_key: the variable that "env" names is not set or is empty; it should contain the key.'
    ),
    f'{CDN}api_key = {{ env = "NOT_SET" }}': (
        'accounts[1] ("cdn") api_key: the environment variable NOT_SET is not set or is empty; '
        "it should contain the key."
    ),
    f'{CDN}api_key = {{ env = "TWO_LINES" }}': (
        'accounts[1] ("cdn") api_key: the environment variable TWO_LINES does not contain a key; '
        "a key is one line of ASCII text."
    ),
    f'{CDN}api_key = {{ file = "/not/there" }}': (
        'accounts[1] ("cdn") api_key: the file /not/there cannot be read (No such file or directory); '
        "it should contain only the key."
    ),
    f'{CDN}api_key = {{ file = "{KEY}" }}': (
        'accounts[1] ("cdn") api_key: the file that "file" names cannot be read (No such file or directory); '
        "it should contain only the key."
    ),
}
INVALID_FILES = {
    b"[server]\nhost = 127.0.0.1\n": (
        "FILE is not valid TOML: Expected newline or end of document after a statement (at line 2, column 13). "
        'Write strings in quotes: name = "CDN".'
    ),
    f"[[accounts]]\napi_key = {KEY}".encode(): (
        'FILE is not valid TOML: Invalid value (at line 2, column 11). Write strings in quotes: name = "CDN".'
    ),
    b"\xff\xfe\x00\x01": "FILE is not a TOML file: write it as text in UTF-8.",
    b"x = "
    + b"[" * 5_000: "FILE is not a valid configuration: its lists or tables are nested too deeply. Use fewer levels.",
}
pytestmark = pytest.mark.usefixtures("api_key_env")


def error_message(config_path: Path) -> str:
    """Return the message about an invalid file, with its path as FILE. Checks that the message has no API key."""
    with pytest.raises(ConfigurationError) as error_info:
        load(config_path)
    message = str(error_info.value)
    assert KEY not in message
    return message.replace(str(config_path), "FILE")


@pytest.mark.parametrize("content", INVALID_SETTINGS, ids=INVALID_SETTINGS.values())
def test_message_has_the_location_and_the_correction(content: str, config_path: Path) -> None:
    tomllib.loads(content)
    config_path.write_text(content)

    assert error_message(config_path).splitlines() == [
        "FILE is not a valid configuration:",
        f"  {INVALID_SETTINGS[content]}",
    ]


@pytest.mark.parametrize("content", INVALID_FILES, ids=INVALID_FILES.values())
def test_invalid_toml_is_reported_with_its_line(content: bytes, config_path: Path) -> None:
    config_path.write_bytes(content)

    assert error_message(config_path) == INVALID_FILES[content]


def test_missing_file_and_folder_are_reported(config_path: Path) -> None:
    help_text = "Name a TOML file with --config or INVOICEGRAPH_CONFIG."
    assert error_message(config_path) == f"FILE cannot be read: No such file or directory. {help_text}"
    config_path.mkdir()
    assert error_message(config_path) == f"FILE cannot be read: Is a directory. {help_text}"


def test_a_fifo_is_reported_and_not_read(config_path: Path) -> None:
    os.mkfifo(config_path)

    help_text = "Name a TOML file with --config or INVOICEGRAPH_CONFIG."
    assert error_message(config_path) == f"FILE cannot be read: it is not a regular file. {help_text}"


def test_at_most_eight_problems_are_listed(config_path: Path) -> None:
    config_path.write_text("".join(f'[[accounts]]\nid = "A{n}"\nprovider = "fastly"\n' for n in range(20)))

    lines = error_message(config_path).splitlines()

    assert len(lines) == 10
    assert lines[1] == '  accounts[1] ("A0") id: write 1 to 32 characters from a-z, 0-9 and -.'
    assert lines[-1] == "  and 32 more problems."


def test_environment_problem_names_its_variable(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env.update({"INVOICEGRAPH_SERVER__PORT": "http", "INVOICEGRAPH_SERVER__HOTS": "::1"})
    problems = [
        f"  INVOICEGRAPH_SERVER__PORT: {INTEGER_HELP}",
        '  INVOICEGRAPH_SERVER__HOTS: this key does not exist; did you mean "host"?',
    ]
    config_path.write_text(CDN_WITH_KEY)

    assert error_message(config_path).splitlines() == ["FILE is not a valid configuration:", *problems]
    with pytest.raises(ConfigurationError) as error_info:
        load()
    assert str(error_info.value).splitlines() == ["The environment is not a valid configuration:", *problems]


@pytest.mark.parametrize(("table", "example"), [("SERVER", "PORT=8000"), ("METRICS", "PORT=9464")])
@pytest.mark.parametrize("value", ["127.0.0.1:8000", "1", "true", "[]"])
def test_a_variable_of_a_table_without_a_key_is_rejected(
    table: str, example: str, value: str, api_key_env: MutableMapping[str, str]
) -> None:
    name = f"INVOICEGRAPH_{table}"
    api_key_env[name] = value

    with pytest.raises(ConfigurationError) as error_info:
        load()
    message = f"{name} cannot be read. Set a variable for each key, such as {name}__{example}."
    assert str(error_info.value) == message


@pytest.mark.parametrize("dots", [".", "..", " .. "])  # in a URL they would lead to another path
def test_id_of_dots_is_rejected(dots: str) -> None:
    account = {"id": "savings", "provider": "archera", "api_key": SecretStr("key"), "org_id": dots}
    with pytest.raises(ValidationError, match="write the id that the provider assigned"):
        ArcheraSettings.model_validate(account)
