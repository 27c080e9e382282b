"""What is said to whoever wrote a configuration that cannot be used."""

import tomllib
from collections.abc import MutableMapping
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from providers.archera.client import ArcheraSettings
from server.config.settings import ConfigurationError, load
from tests.server.configuration import CDN, KEY, KEYED

PALETTE = '[[accounts]]\nid = "p"\nprovider = "spectrocloud"\napi_key = { env = "FASTLY_API_KEY" }\n'
ARCHERA = PALETTE.replace("spectrocloud", "archera")
HOW = 'write { env = "NAME" } to take it from an environment variable, or { file = "/path" } to read it from a file.'
TABLES = "write [[accounts]], in two brackets, above the keys of each account"
HOST = "write https://HOST; http:// is allowed only for an address on this machine."
PLAIN = "write the address without a user, a password, a query or a fragment."
WHOLE = "write a whole number."
KEYS = "host, port, workers, deadline, max_requests, compiled, shutdown_grace"
TEXT = 'write a text in quotes: "…".'
WHICH = 'write provider = "archera" or "fastly" or "spectrocloud".'

BROKEN = {
    "": f"accounts: there is none; {TABLES}, or start without a file to see the sandboxes.",
    "accounts = []": f"accounts: there is none; {TABLES}, or start without a file to see the sandboxes.",
    'accounts = "cdn"': f"accounts: {TABLES}.",
    '[accounts]\nid = "cdn"': f"accounts: {TABLES}.",
    'accounts = ["cdn"]': f"accounts[1]: {TABLES}.",
    f"[sever]\n{KEYED}": 'sever: there is no such key; did you mean "server"?',
    f"[server]\nprt = 1\n{KEYED}": 'server.prt: there is no such key; did you mean "port"?',
    f"[server.tls]\n{KEYED}": f"server.tls: there is no such key; the keys are {KEYS}.",
    f'server = "x"\n{KEYED}': "server: write it as a table: [server].",
    f"[server]\nhost = 3\n{KEYED}": f"server.host: {TEXT}",
    f'[server]\nhost = ""\n{KEYED}': 'server.host: it is empty; write a text: "…".',
    f'[server]\nport = "http"\n{KEYED}': f"server.port: {WHOLE}",
    f"[server]\nport = 80.5\n{KEYED}": f"server.port: {WHOLE}",
    f"[server]\nport = 70000\n{KEYED}": "server.port: write 65535 or less.",
    f'[server]\ndeadline = "10s"\n{KEYED}': "server.deadline: write a number.",
    f"[server]\ndeadline = 0\n{KEYED}": "server.deadline: write a number greater than 0.",
    f"[server]\ndeadline = 301\n{KEYED}": "server.deadline: write 300 or less.",
    f"[server]\ndeadline = nan\n{KEYED}": "server.deadline: write 300 or less.",
    f'{KEYED}nmae = "CDN"': 'accounts[1] ("cdn") nmae: there is no such key; did you mean "name"?',
    f"{KEYED}name = 3": f'accounts[1] ("cdn") name: {TEXT}',
    f"{KEYED}concurrency = 0": 'accounts[1] ("cdn") concurrency: write 1 or more.',
    f'{KEYED}concurrency = "8"': 'accounts[1] ("cdn") concurrency: write a whole number, without quotes.',
    f'{KEYED}sandbox = "yes"': 'accounts[1] ("cdn") sandbox: write true or false, without quotes.',
    f'{KEYED}currency = "usd"': (
        'accounts[1] ("cdn") currency: write the three upper-case letters of an ISO 4217 currency, such as "USD".'
    ),
    f'{KEYED}currency = "UDS"': (
        'accounts[1] ("cdn") currency: write the three upper-case letters of an ISO 4217 currency, such as "USD".'
    ),
    f"[server]\nworkers = 0\n{KEYED}": "server.workers: write 1 or more.",
    f"[server]\nworkers = 3\n{KEYED}rate_limit = {{ per_second = 1, burst = 2 }}": (
        'accounts: the burst of "cdn", 2, cannot be divided among 3 workers; write a larger one, or fewer workers.'
    ),
    CDN: 'accounts[1] ("cdn") api_key: is missing; write api_key = { env = "NAME" }.',
    ARCHERA: 'accounts[1] ("p") org_id: is missing; write org_id = "…".',
    f'{PALETTE}invoice_uids = ["65bb"]': 'accounts[1] ("p") tenant_uid: is missing; write tenant_uid = "…".',
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids = "65bb"': 'accounts[1] ("p") invoice_uids: write a list: ["…", "…"].',
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids = ["65", 3]': f'accounts[1] ("p") invoice_uids[2]: {TEXT}',
    f'{PALETTE}tenant_uid = "5f"\ninvoice_uids_file = 3': (
        'accounts[1] ("p") invoice_uids_file: write a path in quotes: "/…".'
    ),
    KEYED.replace('id = "cdn"', ""): 'accounts[1] id: is missing; write id = "…".',
    KEYED.replace('"cdn"', '"CDN 1"'): 'accounts[1] ("CDN 1") id: write 1 to 32 of a-z, 0-9 and -.',
    KEYED.replace('"cdn"', f'"{"a" * 33}"'): f'accounts[1] ("{"a" * 33}") id: write 1 to 32 of a-z, 0-9 and -.',
    KEYED.replace('"cdn"', r'"cdn\n"'): r'accounts[1] ("cdn\n") id: write 1 to 32 of a-z, 0-9 and -.',
    KEYED.replace('"fastly"', '"fasty"'): f'accounts[1] ("cdn"): {WHICH}',
    KEYED.replace('provider = "fastly"', ""): f'accounts[1] ("cdn"): {WHICH}',
    KEYED * 2: 'accounts: two accounts have the id "cdn"; use each id once, whatever the provider.',
    f'{KEYED}base_url = "http://api.fastly.com"': f'accounts[1] ("cdn") base_url: {HOST}',
    f'{KEYED}base_url = "api.fastly.com"': f'accounts[1] ("cdn") base_url: {HOST}',
    f'{KEYED}base_url = "https://"': f'accounts[1] ("cdn") base_url: {HOST}',
    f'{KEYED}base_url = "https://a b"': f'accounts[1] ("cdn") base_url: {HOST}',
    f'{KEYED}base_url = "https://h:99999"': f'accounts[1] ("cdn") base_url: {HOST}',
    f'{KEYED}base_url = "https://me:{KEY}@h"': f'accounts[1] ("cdn") base_url: {PLAIN}',
    f'{KEYED}base_url = "https://h/?key={KEY}"': f'accounts[1] ("cdn") base_url: {PLAIN}',
    f'{CDN}api_key = "{KEY}"': f'accounts[1] ("cdn") api_key: do not write the key in the configuration file; {HOW}',
    f'{CDN}api_key = ["{KEY}"]': f'accounts[1] ("cdn") api_key: do not write the key in the configuration file; {HOW}',
    f'{CDN}api_key = {{ value = "{KEY}" }}': f'accounts[1] ("cdn") api_key: {HOW}',
    f'{CDN}api_key = {{ env = "A", file = "/b" }}': f'accounts[1] ("cdn") api_key: {HOW}',
    f"{CDN}api_key = {{ file = 3 }}": f'accounts[1] ("cdn") api_key: {HOW}',
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
UNREADABLE = {
    b"[server]\nhost = 127.0.0.1\n": (
        "FILE is not TOML: Expected newline or end of document after a statement (at line 2, column 13). "
        'Texts stand in quotes: name = "CDN".'
    ),
    f"[[accounts]]\napi_key = {KEY}".encode(): (
        'FILE is not TOML: Invalid value (at line 2, column 11). Texts stand in quotes: name = "CDN".'
    ),
    b"\xff\xfe\x00\x01": "FILE is not a TOML file: it should be text in UTF-8.",
    b"x = " + b"[" * 5_000: "FILE cannot be used: its lists or tables are nested too deeply.",
}
pytestmark = pytest.mark.usefixtures("environ")


def refusal(file: Path) -> str:
    """What is said of a file that cannot be used, without the folder it lies in; never the key."""
    with pytest.raises(ConfigurationError) as refused:
        load(file)
    said = str(refused.value)
    assert KEY not in said
    return said.replace(str(file), "FILE")


@pytest.mark.parametrize("content", BROKEN, ids=BROKEN.values())
def test_a_mistake_is_said_with_its_place_and_what_to_write(content: str, file: Path) -> None:
    tomllib.loads(content)
    file.write_text(content)

    assert refusal(file).splitlines() == ["FILE cannot be used:", f"  {BROKEN[content]}"]


@pytest.mark.parametrize("content", UNREADABLE, ids=UNREADABLE.values())
def test_a_file_that_is_no_toml_is_refused_with_the_line(content: bytes, file: Path) -> None:
    file.write_bytes(content)

    assert refusal(file) == UNREADABLE[content]


def test_a_file_that_is_not_there_and_a_folder_are_refused(file: Path) -> None:
    again = "Name a TOML file with --config or INVOICEGRAPH_CONFIG."
    assert refusal(file) == f"FILE cannot be read: No such file or directory. {again}"
    file.mkdir()
    assert refusal(file) == f"FILE cannot be read: Is a directory. {again}"


def test_many_mistakes_fit_on_one_screen(file: Path) -> None:
    file.write_text("".join(f'[[accounts]]\nid = "A{n}"\nprovider = "fastly"\n' for n in range(20)))

    lines = refusal(file).splitlines()

    assert len(lines) == 10
    assert lines[1] == '  accounts[1] ("A0") id: write 1 to 32 of a-z, 0-9 and -.'
    assert lines[-1] == "  and 32 more."


def test_a_mistake_in_the_environment_is_said_by_its_variable(file: Path, environ: MutableMapping[str, str]) -> None:
    environ.update({"INVOICEGRAPH_SERVER__PORT": "http", "INVOICEGRAPH_SERVER__HOTS": "::1"})
    mistakes = [
        f"  INVOICEGRAPH_SERVER__PORT: {WHOLE}",
        '  INVOICEGRAPH_SERVER__HOTS: there is no such key; did you mean "host"?',
    ]
    file.write_text(KEYED)

    assert refusal(file).splitlines() == ["FILE cannot be used:", *mistakes]
    with pytest.raises(ConfigurationError) as refused:
        load()
    assert str(refused.value).splitlines() == ["The environment cannot be used:", *mistakes]


def test_the_server_is_configured_by_its_single_keys(environ: MutableMapping[str, str]) -> None:
    environ["INVOICEGRAPH_SERVER"] = "127.0.0.1:8000"

    with pytest.raises(ConfigurationError, match=r"^INVOICEGRAPH_SERVER is not read: write INVOICEGRAPH_SERVER__PORT"):
        load()


@pytest.mark.parametrize("dots", [".", "..", " .. "])
def test_an_id_that_would_climb_out_of_its_path_is_refused(dots: str) -> None:
    account = {"id": "savings", "provider": "archera", "api_key": SecretStr("key"), "org_id": dots}
    with pytest.raises(ValidationError, match="write the id that the provider assigned"):
        ArcheraSettings.model_validate(account)
