"""Files that the configuration or the environment names: what is no regular file is refused, and never waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.transport.environment import InvalidVariableError, trusted_certificates
from server.config.loading import ConfigurationError, load
from tests.server.configuration import CDN

PALETTE = (
    '[[accounts]]\nid = "p"\nprovider = "spectrocloud"\ntenant_uid = "5f"\napi_key = { env = "PALETTE_API_KEY" }\n'
)
IRREGULAR: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "folder": os.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
}
pytestmark = pytest.mark.usefixtures("api_key_env")


@pytest.fixture(params=list(IRREGULAR))
def irregular(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    IRREGULAR[request.param](tmp_path / "irregular")
    return tmp_path / "irregular"


@pytest.mark.parametrize(
    ("account", "message"),
    [
        (CDN + 'api_key = { file = "PATH" }', "it should contain only the key."),
        (PALETTE + 'invoice_uids_file = "PATH"', "it should hold one invoice uid per line."),
    ],
    ids=["key", "uids"],
)
def test_it_is_refused_in_an_account(config_path: Path, irregular: Path, account: str, message: str) -> None:
    config_path.write_text(account.replace("PATH", str(irregular)))

    with pytest.raises(ConfigurationError) as error_info:
        load(config_path)
    assert f"the file {irregular} cannot be read" in str(error_info.value)
    assert str(error_info.value).endswith(message)


def test_it_is_refused_as_configuration(irregular: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"^{irregular} cannot be read: "):
        load(irregular)


def test_it_is_refused_as_certificates(irregular: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(irregular))

    with pytest.raises(InvalidVariableError, match=f"SSL_CERT_FILE names {irregular}, which cannot be read"):
        trusted_certificates()


@pytest.mark.parametrize(("size", "is_read"), [(65_536, True), (65_537, False)])
def test_a_key_file_has_at_most_65536_bytes(config_path: Path, tmp_path: Path, size: int, *, is_read: bool) -> None:
    secret = tmp_path / "secret"
    secret.write_text("k".ljust(size))
    secret.chmod(0o400)
    config_path.write_text(f'{CDN}api_key = {{ file = "{secret}" }}')

    if is_read:
        assert load(config_path).accounts[0].api_key.get_secret_value() == "k"
        return
    with pytest.raises(ConfigurationError, match=r"cannot be read \(it is longer than 65,536 bytes\)"):
        load(config_path)
