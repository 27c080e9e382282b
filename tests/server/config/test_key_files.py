"""Key files: only their owner, and readers of their group, may have access. A key in a wrong place is not printed."""

import os
from collections.abc import MutableMapping
from pathlib import Path

import pytest

from server.config.loading import ConfigurationError, load
from tests.server.configuration import CDN, KEY


def error_message(config_path: Path, source: str) -> str:
    """Return the line about the key."""
    config_path.write_text(f"{CDN}api_key = {source}")
    with pytest.raises(ConfigurationError) as error_info:
        load(config_path)
    return str(error_info.value).splitlines()[1].strip().removeprefix('accounts[1] ("cdn") api_key: ')


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640])
def test_a_file_of_the_owner_and_its_readers_is_read(config_path: Path, tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "secret"
    secret.write_text(KEY)
    secret.chmod(mode)
    config_path.write_text(f'{CDN}api_key = {{ file = "{secret}" }}')

    assert load(config_path).accounts[0].api_key.get_secret_value() == KEY


@pytest.mark.parametrize("mode", [0o444, 0o644, 0o402, 0o660, 0o620])
def test_a_file_that_others_can_read_or_write_is_rejected(config_path: Path, tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "secret"
    secret.write_text(KEY)
    secret.chmod(mode)

    message = error_message(config_path, f'{{ file = "{secret}" }}')

    expected = f"the file {secret} is open to other users (mode {mode:04o}); change its mode to 0400 or 0440."
    assert message == expected


def test_a_named_pipe_is_no_key_file(config_path: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o400)

    message = error_message(config_path, f'{{ file = "{pipe}" }}')

    assert message == f"the file {pipe} cannot be read (it is not a regular file); it should contain only the key."


def test_a_folder_is_no_key_file(config_path: Path, tmp_path: Path) -> None:
    message = error_message(config_path, f'{{ file = "{tmp_path}" }}')

    assert message == f"the file {tmp_path} cannot be read (Is a directory); it should contain only the key."


@pytest.mark.parametrize(
    "key", ["AKIA4F7A9D0E2B1C", "QWERTZUIOPASDFGHJKLYXCVB", "F7A9_D0E2B1C", "sk-live-4f7a", "ab/cd+e=="]
)
def test_a_key_in_place_of_a_name_is_not_printed(
    config_path: Path, api_key_env: MutableMapping[str, str], key: str
) -> None:
    assert key not in error_message(config_path, f'{{ env = "{key}" }}')
    assert key not in error_message(config_path, f'{{ file = "{key}" }}')


@pytest.mark.parametrize("name", ["KEY", "CDN_API_KEY", "KEY2", "PALETTE_KEY_2", "S3_KEY"])
def test_a_variable_is_named(config_path: Path, api_key_env: MutableMapping[str, str], name: str) -> None:
    message = error_message(config_path, f'{{ env = "{name}" }}')

    assert message == f"the environment variable {name} is not set or is empty; it should contain the key."
