"""Variables of the environment that look like settings: a misspelt one is refused, those of others are not."""

from collections.abc import MutableMapping
from pathlib import Path

import pytest

from server.config.loading import ConfigurationError, load
from server.config.watcher import ConfigWatcher
from tests.server.configuration import CDN, CDN_WITH_KEY, KEY

LINKS = {
    "INVOICEGRAPH_SERVICE_HOST": "10.0.0.1",
    "INVOICEGRAPH_SERVICE_PORT_HTTP": "80",
    "INVOICEGRAPH_PORT": "tcp://10.0.0.1:80",
    "INVOICEGRAPH_PORT_80_TCP": "tcp://10.0.0.1:80",
    "INVOICEGRAPH_PORT_80_TCP_ADDR": "10.0.0.1",
}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("INVOICEGRAPH_CONFGI", "did you mean INVOICEGRAPH_CONFIG?"),
        ("INVOICEGRAPH_SERVER_PORT", "did you mean INVOICEGRAPH_SERVER__PORT?"),
        ("INVOICEGRAPH_ACCES__KEYS_FILE", "did you mean INVOICEGRAPH_ACCESS__KEYS_FILE?"),
        ("INVOICEGRAPH_METRIC__PORT", "did you mean INVOICEGRAPH_METRICS__PORT?"),
        ("INVOICEGRAPH_PORT", "did you mean INVOICEGRAPH_SERVER__PORT?"),
    ],
)
def test_a_misspelt_variable_is_refused(
    name: str, hint: str, config_path: Path, api_key_env: MutableMapping[str, str]
) -> None:
    api_key_env[name] = "secret-value"
    config_path.write_text(CDN_WITH_KEY)

    for path, sandbox in ((config_path, False), (None, True)):
        with pytest.raises(ConfigurationError) as error_info:
            load(path, sandbox=sandbox)
        assert str(error_info.value) == f"{name}: this variable does not exist; {hint}"


def test_service_links_are_ignored(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env.update(LINKS)
    config_path.write_text(CDN_WITH_KEY)

    assert load(config_path).server.port == 8000


def test_a_key_may_be_in_a_variable_with_the_prefix(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env["INVOICEGRAPH_FASTLY_KEY"] = "k"
    config_path.write_text(f'{CDN}api_key = {{ env = "INVOICEGRAPH_FASTLY_KEY" }}\n')

    assert load(config_path).accounts[0].api_key.get_secret_value() == "k"


def test_a_reload_may_drop_the_name_of_a_key(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env["INVOICEGRAPH_FASTLY_KEY"] = "k"
    config_path.write_text(f'{CDN}api_key = {{ env = "INVOICEGRAPH_FASTLY_KEY" }}\n')
    watcher = ConfigWatcher(config_path, load(config_path), {})
    config_path.write_text(CDN_WITH_KEY)

    settings = watcher.poll(is_forced=True)

    assert settings is not None
    assert settings.accounts[0].api_key.get_secret_value() == KEY
