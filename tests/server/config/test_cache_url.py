"""The URL of the shared cache: no message contains a part of its password, and no file has one."""

import traceback
from collections.abc import MutableMapping
from pathlib import Path

import pytest

from server.config.loading import ConfigurationError, load
from tests.server.configuration import CDN_WITH_KEY, KEY

FORMS = "redis://HOST:6379/0, rediss://HOST:6379/0 for TLS, or unix:///path/of/socket"
NO_LITERAL = (
    f'in the configuration file, write {FORMS}; a URL with a password or options comes from {{ env = "NAME" }}.'
)
UNREADABLE = "the URL cannot be read; percent-encode special characters in its password, such as %23 for #."


def error_message(path: Path, url: str) -> str:
    """Return the line about the URL. Fails if the key is in the message or in the traceback."""
    path.write_text(f"[cache]\nurl = {url}\n{CDN_WITH_KEY}")
    with pytest.raises(ConfigurationError) as error_info:
        load(path)
    trace = "".join(traceback.format_exception(error_info.value))
    assert "4f7a9d" not in trace
    return str(error_info.value).splitlines()[1].strip()


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{KEY}@cache:6379/0",
        f"redis://me:{KEY}@cache",
        f"redis://:{KEY}%40cache",
        f"redis://{KEY}/x@cache",
        f"redis://cache/0?password={KEY}",
        f"redis://cache:{KEY}",
        f"redis://cache/{KEY}",
        f"unix://:{KEY}@/run/redis",
        f"unix:///run/redis?password={KEY}",
    ],
)
def test_a_password_in_the_file_is_rejected(config_path: Path, api_key_env: MutableMapping[str, str], url: str) -> None:
    assert error_message(config_path, f'"{url}"') == f"cache.url: {NO_LITERAL}"


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{KEY}#x@cache",
        f"redis://:{KEY}/x@cache",
        f"redis://:{KEY}?x@cache",
        f"redis://cache:{KEY}",
        f"redis://[{KEY}@cache",
        f"redis://cache?{KEY}=1",
    ],
)
def test_an_unreadable_url_is_not_printed(config_path: Path, api_key_env: MutableMapping[str, str], url: str) -> None:
    api_key_env["REDIS_URL"] = url

    assert error_message(config_path, '{ env = "REDIS_URL" }') == f"cache.url: {UNREADABLE}"


def test_a_url_of_another_scheme_is_not_printed(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env["REDIS_URL"] = f"http://:{KEY}@cache"

    assert error_message(config_path, '{ env = "REDIS_URL" }') == f"cache.url: write {FORMS}."
    assert error_message(config_path, f'"http://:{KEY}@cache"') == f"cache.url: write {FORMS}."


def test_a_url_in_place_of_a_variable_is_not_printed(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    message = error_message(config_path, f'{{ env = "redis://:{KEY}@cache" }}')

    assert message == 'cache.url: the variable that "env" names is not set or is empty; it should contain the key.'


@pytest.mark.parametrize(
    "url", ["redis://cache", "rediss://cache.example:6380/1", "redis://[::1]:6379", "unix:///run/r.s"]
)
def test_a_url_without_a_password_can_be_in_the_file(
    config_path: Path, api_key_env: MutableMapping[str, str], url: str
) -> None:
    config_path.write_text(f'[cache]\nurl = "{url}"\n{CDN_WITH_KEY}')

    settings = load(config_path)

    assert settings.cache.url is not None
    assert settings.cache.url.get_secret_value() == url


def test_a_url_with_a_password_comes_from_a_variable(config_path: Path, api_key_env: MutableMapping[str, str]) -> None:
    api_key_env["REDIS_URL"] = f"redis://:{KEY}%23x@cache:6379/0?socket_keepalive=yes"
    config_path.write_text(f'[cache]\nurl = {{ env = "REDIS_URL" }}\n{CDN_WITH_KEY}')

    assert KEY not in repr(load(config_path))
