"""The configuration: what a file and the environment may say."""

from collections.abc import MutableMapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.config.settings import Settings, load
from tests.server.configuration import CDN, EXAMPLE, KEY, KEYED

DOCUMENTED = Path(__file__).parents[3] / "docs/configuration.md"
REST = {"workers": 1, "max_requests": 256, "shutdown_grace": 15, "compiled": True}  # what the example leaves out
pytestmark = pytest.mark.usefixtures("environ")


def loaded(file: Path, content: str) -> Settings:
    file.write_text(content)
    return load(file)


def test_the_example_loads(file: Path) -> None:
    settings = loaded(file, EXAMPLE)

    cdn, palette, savings = settings.accounts
    assert settings.server.model_dump() == {"host": "127.0.0.1", "port": 8000, "deadline": 10, **REST}
    assert (
        cdn.model_dump().items()
        >= {
            "id": "cdn",
            "provider": "fastly",
            "name": "CDN production",
            "api_key": SecretStr(KEY),
            "base_url": "https://api.fastly.com",
            "currency": None,
            "concurrency": 8,
            "sandbox": False,
        }.items()
    )
    assert (palette.tenant_uid, palette.invoice_uids, palette.base_url) == (
        "5f3c",
        ("65bb",),
        "https://api.spectrocloud.com",
    )
    assert (savings.org_id, savings.currency, savings.base_url) == (
        "0d9f3c52-4b6e-4f7a-9d0e-2b1c3a4d5e6f",
        "USD",
        "https://api.archera.ai",
    )


def test_the_documented_file_loads(file: Path, tmp_path: Path) -> None:
    key, uids = tmp_path / "key", tmp_path / "uids"
    key.write_text(KEY)
    uids.write_text("65bb\n")
    block = DOCUMENTED.read_text().split("```toml\n")[1].split("```")[0]

    settings = loaded(
        file, block.replace("/run/secrets/palette", str(key)).replace("/etc/invoicegraph/palette-uids", str(uids))
    )

    assert [account.id for account in settings.accounts] == ["cdn", "palette", "savings"]


def test_a_key_in_a_file_may_end_with_a_new_line(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{KEY}\n")

    settings = loaded(file, f'{CDN}api_key = {{ file = "{secret}" }}')

    assert settings.accounts[0].api_key.get_secret_value() == KEY


def test_the_key_is_in_no_text_of_the_settings(file: Path) -> None:
    settings = loaded(file, EXAMPLE)

    assert KEY not in f"{settings!r} {settings} {settings.accounts[0].owner!r} {settings.model_dump()}"
    assert KEY not in settings.model_dump_json()


@pytest.mark.parametrize("url", ["http://localhost:9000/fastly", "http://127.0.0.1", "http://[::1]:80/", "https://h"])
def test_a_base_url_is_https_or_on_this_machine(url: str, file: Path) -> None:
    assert loaded(file, f'{KEYED}base_url = "{url}"').accounts[0].base_url == url.rstrip("/")


def test_a_byte_order_mark_and_windows_lines_do_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + KEYED.replace("\n", "\r\n").encode())

    assert load(file).accounts[0].id == "cdn"


def test_the_environment_goes_before_the_server_table(file: Path, environ: MutableMapping[str, str]) -> None:
    environ.update({"INVOICEGRAPH_SERVER__PORT": "9001", "INVOICEGRAPH_SERVER__DEADLINE": "2.5"})

    assert loaded(file, EXAMPLE).server.model_dump() == {"host": "127.0.0.1", "port": 9001, "deadline": 2.5, **REST}
    assert load().server.port == 9001


def test_without_a_file_there_are_no_accounts_but_the_sandboxes() -> None:
    assert load().accounts == []
