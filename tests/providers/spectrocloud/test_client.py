"""What Palette's client asks, and the uids that the configuration names."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from providers.errors import Forbidden
from providers.spectrocloud import PROVIDER
from providers.spectrocloud.sandbox import TENANT
from tests.providers.source import EVER, Connected, connected_to
from tests.recorded import text

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


async def named(connected: Connected) -> list[str]:
    return list((await connected.source.page(EVER, None)).keys)


async def test_a_page_names_the_configured_uids_in_their_order_and_asks_nobody() -> None:
    async with connected_to("spectrocloud", invoice_uids=["b", "a", "b", "c"]) as palette:
        page = await palette.source.page(EVER, None)

        assert list(page.keys) == ["b", "a", "c"]
        assert (page.invoices, page.next_cursor, page.observed_at, page.failures) == ([], None, None, [])
        assert palette.calls == []


async def test_an_invoice_is_asked_for_in_its_tenant(palette: Connected) -> None:
    native = await palette.native()
    invoice = await palette.source.invoice(native)

    assert invoice is not None
    assert palette.calls == [f"/v1/tenants/{TENANT}/invoices/{native}"]
    assert palette.source.reference == TENANT


async def test_a_foreign_tenant_is_forbidden() -> None:
    async with connected_to("spectrocloud", tenant_uid="another") as palette:
        with pytest.raises(Forbidden):
            await palette.source.invoice("x")


async def test_tenant_and_uid_are_percent_encoded() -> None:
    async with connected_to("spectrocloud", tenant_uid="a/b?") as palette:
        assert await palette.source.invoice("../c#d") is None

        assert palette.calls == ["/v1/tenants/a%2Fb%3F/invoices/..%2Fc%23d"]


async def test_a_uid_is_asked_for_even_where_the_configuration_does_not_name_it(palette: Connected) -> None:
    posted = palette.sandbox.post_invoice()

    assert posted not in await named(palette)
    assert await palette.source.invoice(posted) is not None


async def test_a_recorded_invoice_is_read(palette: Connected) -> None:
    palette.says(text("spectrocloud", "invoice.200"))

    invoice = await palette.source.invoice("65bb0c1de4b0a1b2c3d4e5f6")

    assert invoice is not None
    assert invoice.total_without_lookup is not None
    assert len((await palette.source.line_items("65bb0c1de4b0a1b2c3d4e5f6")).items) == 0


async def test_uids_come_from_the_list_and_then_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("\ufeff# March\n\n  b  \r\na\n#c\n\nb\nd", encoding="utf-8")

    async with connected_to("spectrocloud", invoice_uids=["a", "x"], invoice_uids_file=file) as palette:
        assert await named(palette) == ["a", "x", "b", "d"]


async def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("a\n")

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        assert await named(palette) == ["a"]
        file.write_text("a\nb\n")
        assert await named(palette) == ["a", "b"]


async def test_a_file_that_is_replaced_by_one_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    file, other = tmp_path / "uids", tmp_path / "other"
    file.write_text("a\n")
    other.write_text("b\n")
    for each in (file, other):
        os.utime(each, ns=(10**18, 10**18))

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        assert await named(palette) == ["a"]
        other.replace(file)
        assert await named(palette) == ["b"]


async def test_a_file_that_is_gone_or_no_text_leaves_the_uids_last_read_and_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    file.write_text("a\n")

    async with connected_to("spectrocloud", invoice_uids=[], invoice_uids_file=file) as palette:
        file.unlink()
        with capture_logs() as logs:
            assert await named(palette) == ["a"]
        assert [(log["log_level"], log["account"]) for log in logs] == [("warning", "spectrocloud/sandbox-palette")]

        file.write_bytes(b"\xff\xfe\xff")
        assert await named(palette) == ["a"]
        file.write_text("b\n")
        assert await named(palette) == ["b"]


async def test_a_new_uid_that_the_sandbox_appends_is_named(tmp_path: Path) -> None:
    sandbox = PROVIDER.sandbox(uids_file=tmp_path / "uids")
    async with connected_to("spectrocloud", sandbox) as palette:
        posted = sandbox.post_invoice()

        assert (await named(palette))[-1] == posted


def test_an_account_names_its_invoices_in_a_list_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "uids").write_text("")

    with pytest.raises(ValidationError, match=r'invoice_uids = \["65bb0c1de4b0a1b2c3d4e5f6"\].*invoice_uids_file'):
        PROVIDER.settings.model_validate(ACCOUNT)
    named: list[dict[str, Any]] = [
        {"invoice_uids": ["a"]},
        {"invoice_uids": []},
        {"invoice_uids_file": tmp_path / "uids"},
    ]
    for names in named:
        PROVIDER.settings.model_validate(ACCOUNT | names)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_at_the_start_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "uids"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ValidationError, match=f"the file {file} cannot be read; it should hold the uid of one invoice"):
        PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids_file": str(file)})


@pytest.mark.parametrize(
    "wrong", [{"tenant_uid": ""}, {"tenant_uid": None}, {"invoice_uids": [""]}, {"invoice_uids": "a"}]
)
def test_uids_are_texts_with_something_in_them(wrong: Any) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids": ["a"]} | wrong)


def test_the_address_and_the_header_are_palettes() -> None:
    settings = PROVIDER.settings.model_validate(ACCOUNT | {"invoice_uids": ["a"]})

    assert (settings.base_url, settings.key_header) == ("https://api.spectrocloud.com", "ApiKey")
