"""Palette's client: its requests, and the uids that the configuration names."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from providers.call import CallContext
from providers.errors import Forbidden
from providers.spectrocloud import PROVIDER
from providers.spectrocloud.sandbox import TENANT
from tests.providers.source import UNBOUNDED, Connected, connected_to
from tests.recorded import recorded_text

ACCOUNT: dict[str, Any] = {
    "id": "palette",
    "provider": "spectrocloud",
    "tenant_uid": "t",
    "api_key": {"env": "PATH"},
}


@pytest.fixture
async def palette() -> AsyncIterator[Connected]:
    async with connected_to("spectrocloud") as connected:
        yield connected


async def configured_uids(connected: Connected) -> list[str]:
    return list((await connected.source.page(UNBOUNDED, None, CallContext())).keys)


async def test_page_lists_configured_uids_without_a_call() -> None:
    async with connected_to("spectrocloud", invoice_uids=["b", "a", "b", "c"]) as palette:
        page = await palette.source.page(UNBOUNDED, None, CallContext())

        assert list(page.keys) == ["b", "a", "c"]
        assert (page.invoices, page.next_cursor, page.observed_at, page.failures) == ([], None, None, [])
        assert palette.calls == []


async def test_invoice_path_contains_the_tenant(palette: Connected) -> None:
    provider_key = await palette.newest_key()
    invoice = await palette.source.invoice(provider_key, CallContext())

    assert invoice is not None
    assert palette.calls == [f"/v1/tenants/{TENANT}/invoices/{provider_key}"]
    assert palette.source.reference == TENANT


async def test_other_tenant_is_forbidden() -> None:
    async with connected_to("spectrocloud", tenant_uid="another") as palette:
        with pytest.raises(Forbidden):
            await palette.source.invoice("x", CallContext())


async def test_tenant_and_uid_are_percent_encoded() -> None:
    async with connected_to("spectrocloud", tenant_uid="a/b?") as palette:
        assert await palette.source.invoice("../c#d", CallContext()) is None

        assert palette.calls == ["/v1/tenants/a%2Fb%3F/invoices/..%2Fc%23d"]


async def test_unconfigured_uid_is_fetched(palette: Connected) -> None:
    uid = palette.sandbox.post_invoice()

    assert uid not in await configured_uids(palette)
    assert await palette.source.invoice(uid, CallContext()) is not None


async def test_recorded_invoice_is_read(palette: Connected) -> None:
    palette.respond_with(recorded_text("spectrocloud", "invoice.200"))

    invoice = await palette.source.invoice("65bb0c1de4b0a1b2c3d4e5f6", CallContext())

    assert invoice is not None
    assert invoice.total_without_lookup is not None
    assert len((await palette.source.line_items("65bb0c1de4b0a1b2c3d4e5f6", CallContext())).items) == 0


async def test_uids_of_the_list_precede_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("\ufeff# March\n\n  b  \r\na\n#c\n\nb\nd", encoding="utf-8")

    async with connected_to("spectrocloud", invoice_uids=["a", "x"], invoice_uids_file=file) as palette:
        assert await configured_uids(palette) == ["a", "x", "b", "d"]


async def test_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("a\n")

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        assert await configured_uids(palette) == ["a"]
        file.write_text("a\nb\n")
        assert await configured_uids(palette) == ["a", "b"]


async def test_file_replaced_at_same_size_and_time_is_read(tmp_path: Path) -> None:
    file, other = tmp_path / "uids", tmp_path / "other"
    file.write_text("a\n")
    other.write_text("b\n")
    for path in (file, other):
        os.utime(path, ns=(10**18, 10**18))

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        assert await configured_uids(palette) == ["a"]
        other.replace(file)
        assert await configured_uids(palette) == ["b"]


async def test_unreadable_file_keeps_uids_and_logs_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("a\n")

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        file.unlink()
        with capture_logs() as logs:
            assert await configured_uids(palette) == ["a"]
        assert [(log["log_level"], log["account"]) for log in logs] == [("warning", "spectrocloud/sandbox-palette")]

        file.write_bytes(b"\xff\xfe\xff")
        assert await configured_uids(palette) == ["a"]
        file.unlink()
        os.mkfifo(file)
        assert await configured_uids(palette) == ["a"]
        file.unlink()
        file.write_text("b\n")
        assert await configured_uids(palette) == ["b"]


async def test_uid_appended_by_the_sandbox_is_listed(tmp_path: Path) -> None:
    sandbox = PROVIDER.sandbox(uids_file=tmp_path / "uids")
    async with connected_to("spectrocloud", sandbox) as palette:
        uid = sandbox.post_invoice()

        assert (await configured_uids(palette))[-1] == uid


def test_account_requires_a_list_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "uids").write_text("")

    with pytest.raises(ValidationError, match=r'invoice_uids = \["65bb0c1de4b0a1b2c3d4e5f6"\].*invoice_uids_file'):
        PROVIDER.settings.model_validate(ACCOUNT)
    valid_settings: list[dict[str, Any]] = [
        {"invoice_uids": ["a"]},
        {"invoice_uids": []},
        {"invoice_uids_file": tmp_path / "uids"},
    ]
    for settings in valid_settings:
        PROVIDER.settings.model_validate(ACCOUNT | settings)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_unreadable_file_at_start_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "uids"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(
        ValidationError, match=f"the file {file} cannot be read; it should hold one invoice uid per line"
    ):
        PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids_file": str(file)})


@pytest.mark.parametrize(
    "invalid", [{"tenant_uid": ""}, {"tenant_uid": None}, {"invoice_uids": [""]}, {"invoice_uids": "a"}]
)
def test_uids_must_be_nonempty_texts(invalid: Any) -> None:
    with pytest.raises(ValidationError, match=next(iter(invalid))):
        PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids": ["a"]} | invalid)


def test_default_url_and_key_header() -> None:
    settings = PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids": ["a"]})

    assert (settings.base_url, settings.key_header) == ("https://api.spectrocloud.com", "ApiKey")
