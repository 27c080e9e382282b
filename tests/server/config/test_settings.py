"""Valid configurations: the file and the environment."""

from collections.abc import MutableMapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.config.loading import ConfigurationError, load
from server.config.settings import Settings
from tests.server.configuration import CDN, CDN_WITH_KEY, EXAMPLE, KEY

DOCUMENTATION = Path(__file__).parents[3] / "docs/configuration.md"
DEFAULTS = {  # keys that the example omits
    "workers": 1,
    "public_origins": (),
    "cors_origins": (),
    "cors_credentials": False,
    "console": True,
    "introspection": True,
    "allowed_hosts": (),
    "max_requests": 256,
    "max_response_bytes": 16_000_000,
    "max_connections": 4096,
    "shutdown_grace": 15,
    "max_provider_calls": 400,
    "cost_per_minute": 0,
    "provider_calls_per_minute": 0,
    "persisted_operations": "allow",
    "persisted_manifests": (),
    "odd_sandbox": False,
    "compiled": True,
    "access_log": False,
}
pytestmark = pytest.mark.usefixtures("api_key_env")


def load_text(config_path: Path, content: str) -> Settings:
    config_path.write_text(content)
    return load(config_path)


def test_example_loads(config_path: Path) -> None:
    settings = load_text(config_path, EXAMPLE)

    cdn, palette, savings = settings.accounts
    assert settings.server.model_dump() == {"host": "127.0.0.1", "port": 8000, "deadline": 10, **DEFAULTS}
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


def test_documented_file_loads(config_path: Path, tmp_path: Path) -> None:
    key, uids = tmp_path / "key", tmp_path / "uids"
    key.write_text(KEY)
    key.chmod(0o400)
    uids.write_text("65bb\n")
    block = DOCUMENTATION.read_text().split("```toml\n")[1].split("```")[0]

    settings = load_text(
        config_path,
        block.replace("/run/secrets/palette", str(key)).replace("/etc/invoicegraph/palette-uids", str(uids)),
    )

    assert [account.id for account in settings.accounts] == ["cdn", "palette", "savings"]


def test_key_file_may_end_with_a_newline(config_path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{KEY}\n")
    secret.chmod(0o440)

    settings = load_text(config_path, f'{CDN}api_key = {{ file = "{secret}" }}')

    assert settings.accounts[0].api_key.get_secret_value() == KEY


def test_settings_never_print_the_key(config_path: Path) -> None:
    settings = load_text(config_path, EXAMPLE)

    assert KEY not in f"{settings!r} {settings} {settings.accounts[0].account_ref!r} {settings.model_dump()}"
    assert KEY not in settings.model_dump_json()


@pytest.mark.parametrize("url", ["http://localhost:9000/fastly", "http://127.0.0.1", "http://[::1]:80/", "https://h"])
def test_base_url_is_https_or_loopback(url: str, config_path: Path) -> None:
    assert load_text(config_path, f'{CDN_WITH_KEY}base_url = "{url}"').accounts[0].base_url == url.rstrip("/")


def test_byte_order_mark_and_crlf_are_accepted(config_path: Path) -> None:
    config_path.write_bytes(b"\xef\xbb\xbf" + CDN_WITH_KEY.replace("\n", "\r\n").encode())

    assert load(config_path).accounts[0].id == "cdn"


def test_environment_overrides_the_server_table(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env.update({"INVOICEGRAPH_SERVER__PORT": "9001", "INVOICEGRAPH_SERVER__DEADLINE": "2.5"})

    assert load_text(config_path, EXAMPLE).server.model_dump() == {
        "host": "127.0.0.1",
        "port": 9001,
        "deadline": 2.5,
        **DEFAULTS,
    }
    assert load(sandbox=True).server.port == 9001


def test_origins_have_one_spelling(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    origins = '["https://A.example:443", "http://b.example:8080/", "http://[::1]:80"]'
    settings = load_text(config_path, f"[server]\npublic_origins = {origins}\n{CDN_WITH_KEY}")
    api_key_env["INVOICEGRAPH_SERVER__PUBLIC_ORIGINS"] = "https://a.example, https://b.example"

    assert settings.server.public_origins == ("https://a.example", "http://b.example:8080", "http://[::1]")
    assert load(sandbox=True).server.public_origins == ("https://a.example", "https://b.example")


def test_only_the_sandbox_needs_no_accounts() -> None:
    assert load(sandbox=True).accounts == []
    with pytest.raises(ConfigurationError, match=r"^There is no configuration"):
        load()
