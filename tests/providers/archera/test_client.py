"""Archera's client: its requests, and how it reads the responses."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from providers.archera import PROVIDER
from providers.archera.sandbox import ORG
from providers.call import CallContext
from providers.errors import Forbidden, NotFound, Unintelligible
from providers.source import DateWindow
from tests.providers.source import UNBOUNDED, Connected, connected_to
from tests.recorded import recorded_text

INVOICES = f"/beta/v1/org/{ORG}/invoices"


@pytest.fixture
async def archera() -> AsyncIterator[Connected]:
    async with connected_to("archera") as connected:
        yield connected


async def test_list_is_one_call_without_parameters(archera: Connected) -> None:
    for window in (UNBOUNDED, DateWindow(date(2026, 3, 1), date(2026, 5, 31))):
        page = await archera.source.page(window, None, CallContext())

        assert (len(page.invoices), page.next_cursor, page.keys, page.failures) == (36, None, (), [])
        assert page.observed_at == page.invoices[0].observed_at
    assert archera.calls == [INVOICES, INVOICES]


async def test_months_are_integers_in_the_path(archera: Connected) -> None:
    invoice = await archera.source.invoice("2026-09", CallContext())
    await archera.source.line_items("2026-09", CallContext())
    await archera.source.line_items("2025-12", CallContext())

    assert invoice is not None
    assert archera.calls == [f"{INVOICES}/2026/9", f"{INVOICES}/2026/9/line-items", f"{INVOICES}/2025/12/line-items"]


@pytest.mark.parametrize(
    "provider_key",
    [
        "2026-9",
        "2026-13",
        "2026-00",
        "2026-09-01",
        "26-09",
        "",
        " 2026-09",
        "2026-09\n",
        "\u0662\u0660\u0662\u0666-09",
        "2026/9",
    ],
)
async def test_keys_that_are_not_months_cause_no_call(archera: Connected, provider_key: str) -> None:
    assert await archera.source.invoice(provider_key, CallContext()) is None
    with pytest.raises(NotFound):
        await archera.source.line_items(provider_key, CallContext())
    assert archera.calls == []


async def test_organisation_is_percent_encoded() -> None:
    async with connected_to("archera", org_id="a/b ü?") as org_with_reserved_characters:
        with pytest.raises(NotFound):
            await org_with_reserved_characters.source.page(UNBOUNDED, None, CallContext())

        assert org_with_reserved_characters.calls == ["/beta/v1/org/a%2Fb%20%C3%BC%3F/invoices"]


async def test_other_organisation_is_forbidden() -> None:
    async with connected_to("archera", org_id="another") as other_org:
        for call in (
            other_org.source.page(UNBOUNDED, None, CallContext()),
            other_org.source.invoice("2026-09", CallContext()),
        ):
            with pytest.raises(Forbidden):
                await call


async def test_invalid_list_entries_become_failures(archera: Connected) -> None:
    archera.respond_with('[{"year": 2026, "month": 9}, {"year": 2026}, null, 5, {"year": 2026, "month": 8}]')

    page = await archera.source.page(UNBOUNDED, None, CallContext())

    assert [str(invoice.id)[-7:] for invoice in page.invoices] == ["2026-09", "2026-08"]
    assert [type(failure) for failure in page.failures] == [Unintelligible] * 3


@pytest.mark.parametrize("body", ["{}", '{"data": []}', "null", '"[]"', "5"])
async def test_list_must_be_a_bare_array(archera: Connected, body: str) -> None:
    archera.respond_with(body)

    with pytest.raises(Unintelligible, match="a list of invoices was expected"):
        await archera.source.page(UNBOUNDED, None, CallContext())


async def test_empty_list_is_not_a_failure(archera: Connected) -> None:
    archera.respond_with("[]")

    page = await archera.source.page(UNBOUNDED, None, CallContext())

    assert (page.invoices, page.failures) == ([], [])
    assert len((await archera.source.line_items("2026-09", CallContext())).items) == 0


@pytest.mark.parametrize("wrapper", ["%s", '{"line_items": %s}', '{"items": %s}', '{"data": %s}'])
async def test_line_items_may_be_bare_or_wrapped(archera: Connected, wrapper: str) -> None:
    archera.respond_with(wrapper % recorded_text("archera", "line-items.200"))

    line_items = (await archera.source.line_items("2026-01", CallContext())).items

    assert [line.details.reference for line in line_items] == ["li_1", "li_2", "li_3"]


@pytest.mark.parametrize("body", ["{}", "null", '{"data": null}', '{"data": {}}', "[{}, null]", "[5]", "[[]]"])
async def test_invalid_line_items_are_unintelligible(archera: Connected, body: str) -> None:
    archera.respond_with(body)

    with pytest.raises(Unintelligible):
        await archera.source.line_items("2026-09", CallContext())


@pytest.mark.parametrize("inner", ["[?]", '{"a": ?}', '{"}": ?}'], ids=["lists", "objects", "brackets in keys"])
@pytest.mark.parametrize("prefix", ["", " " * 100_000, "{}, " * 300], ids=["short", "long", "among others"])
async def test_line_items_may_nest_200_levels(archera: Connected, inner: str, prefix: str) -> None:
    opening, closing = inner.split("?")
    for depth in (198, 199):
        archera.sandbox.control.faults.clear()
        archera.respond_with(f'[{prefix}{{"id": {opening * depth}1{closing * depth}}}]')
        if depth == 198:
            assert (await archera.source.line_items("2026-09", CallContext())).items
        else:
            with pytest.raises(Unintelligible, match="nested too deeply"):
                await archera.source.line_items("2026-09", CallContext())


async def test_missing_line_items_are_not_found(archera: Connected) -> None:
    archera.inject_fault("status", status=404, path="line-items")

    assert await archera.source.invoice("2026-09", CallContext()) is not None
    with pytest.raises(NotFound):
        await archera.source.line_items("2026-09", CallContext())


async def test_recorded_detail_is_complete(archera: Connected) -> None:
    archera.respond_with(recorded_text("archera", "invoice.200"))

    invoice: Any = await archera.source.invoice("2026-01", CallContext())

    assert invoice.payload["by_term"][0]["net_savings"] == "30.0"
    assert invoice.details.reference == "inv_2026_01"


async def test_another_month_is_unintelligible(archera: Connected) -> None:
    archera.respond_with(recorded_text("archera", "invoice.200"))

    for provider_key in ("2025-01", "2026-02"):
        with pytest.raises(Unintelligible, match="it is about another invoice"):
            await archera.source.invoice(provider_key, CallContext())


def test_account_requires_an_organisation() -> None:
    account = {"id": "savings", "provider": "archera", "api_key": {"env": "PATH"}}

    for org_id in ({}, {"org_id": ""}):
        with pytest.raises(ValidationError, match="org_id"):
            PROVIDER.settings.model_validate(account | org_id)

    settings = PROVIDER.settings.model_validate(account | {"org_id": "o"})
    assert (settings.base_url, settings.key_header) == ("https://api.archera.ai", "x-api-key")
