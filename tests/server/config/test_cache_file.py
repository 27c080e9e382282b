"""The file of the cache in the configuration, and `invoicegraph check` of it."""

import re
from collections.abc import MutableMapping
from pathlib import Path

import pytest

from providers.sandbox import serve
from server.config.loading import ConfigurationError, load
from tests.harness import sandbox_of
from tests.server.command import run_command, write_config
from tests.server.configuration import CDN_WITH_KEY

pytestmark = pytest.mark.usefixtures("api_key_env")


def error_message(config_path: Path, table: str) -> str:
    config_path.write_text(f"[cache]\n{table}\n{CDN_WITH_KEY}")
    with pytest.raises(ConfigurationError) as error_info:
        load(config_path)
    return str(error_info.value).splitlines()[1].strip()


def make_unusable(lock: Path) -> None:
    """Replace the lock of the file by a folder, which no user can lock."""
    lock.unlink()
    lock.mkdir()


def test_a_file_is_off_by_default(config_path: Path) -> None:
    config_path.write_text(CDN_WITH_KEY)

    assert load(config_path).cache.path is None


def test_a_file_has_a_gigabyte_by_default(config_path: Path, tmp_path: Path) -> None:
    config_path.write_text(f'[cache]\npath = "{tmp_path}/cache.sqlite"\n{CDN_WITH_KEY}')

    cache = load(config_path).cache
    assert (cache.path, cache.max_disk_bytes) == (tmp_path / "cache.sqlite", 1024 * 1024 * 1024)


def test_the_folder_must_exist(config_path: Path, tmp_path: Path) -> None:
    assert error_message(config_path, f'path = "{tmp_path}/absent/cache.sqlite"') == (
        f"cache.path: the folder {tmp_path}/absent does not exist; create it, writable for the service."
    )


@pytest.mark.parametrize("path", ["/dev/zero", "/tmp"])
def test_only_a_file_is_accepted(config_path: Path, path: str) -> None:
    assert error_message(config_path, f'path = "{path}"') == (
        f"cache.path: {path} is not a file; write the path of one, such as /var/lib/invoicegraph/cache.sqlite."
    )


def test_there_is_one_store(config_path: Path, tmp_path: Path) -> None:
    message = error_message(config_path, f'url = "redis://cache:6379/0"\npath = "{tmp_path}/cache.sqlite"')

    assert message == "cache: write either url, for a store that instances share, or path, for one in a file."


async def test_check_tries_the_file(tmp_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    sandbox = sandbox_of("fastly")
    async with serve(sandbox) as url:
        account = (f"{url}/fastly", sandbox.apis["fastly"].key)
        config_path = write_config(tmp_path, [account], f'[cache]\npath = "{tmp_path}/cache.sqlite"\n')
        usable, table, _ = await run_command("check", "--config", config_path)
        make_unusable(tmp_path / "cache.sqlite.lock")
        unusable, other_table, _ = await run_command("check", "--config", config_path)

    assert usable == 0
    assert re.search(r"^\[cache\] +ok +The cache on disk can be written to\.$", table, re.MULTILINE)
    assert unusable == 1
    assert re.search(r"^\[cache\] +UNAVAILABLE +The cache on disk cannot be used\.$", other_table, re.MULTILINE)
