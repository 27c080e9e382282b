"""What Fastly's client asks, and what it makes of the answers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from providers.deadline import deadline
from providers.errors import Computing, NotFound, Unavailable, Unintelligible
from providers.fastly.sandbox import Sandbox
from providers.source import MONTH_TO_DATE, DateWindow
from schema.invoice import InvoiceStatus
from tests.harness import now
from tests.providers.source import EVER, Connected, connected_to
from tests.recorded import text

INVOICES = "/billing/v3/invoices"


@pytest.fixture
async def fastly() -> AsyncIterator[Connected]:
    async with connected_to("fastly") as connected:
        yield connected


def asked(connected: Connected) -> list[dict[str, str]]:
    """The parameters of each call for the list."""
    assert {urlsplit(path).path for path in connected.calls} == {INVOICES}
    return [dict(parse_qsl(urlsplit(path).query, strict_parsing=True)) for path in connected.calls]


async def test_the_first_page_has_no_dates_and_no_cursor(fastly: Connected) -> None:
    page = await fastly.source.page(EVER, None)

    assert asked(fastly) == [{"limit": "100"}]
    assert (len(page.invoices), page.next_cursor, page.total) == (36, None, 36)
    assert page.reference is not None
    assert page.failures == []


async def test_a_cursor_that_no_url_can_hold_fails_and_says_nothing_of_the_provider(fastly: Connected) -> None:
    for _ in range(6):
        with pytest.raises(Unavailable):
            await fastly.source.page(EVER, "c" * 70_000)
    assert fastly.calls == []

    assert (await fastly.source.page(EVER, None)).invoices


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        (DateWindow(date(2026, 3, 1), date(2026, 3, 31)), "2026-02-01", "2026-05-01"),
        (DateWindow(date(2026, 1, 31), date(2026, 12, 1)), "2025-12-01", "2027-02-01"),
        (DateWindow(oldest=date(2026, 3, 15)), "2026-02-01", None),
        (DateWindow(newest=date(2026, 11, 30)), None, "2027-01-01"),
        (DateWindow(date(1, 1, 1), date(9999, 12, 31)), None, None),  # where the calendar ends there is no filter
    ],
)
async def test_dates_have_a_margin_of_a_month_on_each_side(
    fastly: Connected, window: DateWindow, start: str | None, end: str | None
) -> None:
    await fastly.source.page(window, None)

    [parameters] = asked(fastly)
    assert (parameters.get("billing_start_date"), parameters.get("billing_end_date")) == (start, end)


async def test_pages_follow_the_cursor_which_goes_back_percent_encoded_with_the_same_dates() -> None:
    async with connected_to("fastly", Sandbox(now=now, per_month=6)) as fastly:
        window = DateWindow(date(2024, 1, 1), date(2026, 9, 30))
        first = await fastly.source.page(window, None)
        second = await fastly.source.page(window, first.next_cursor)

        assert (len(first.invoices), first.total) == (100, second.total)
        assert first.next_cursor is not None
        assert "+" in first.next_cursor
        assert "+" not in fastly.calls[1]
        one, other = asked(fastly)
        assert other == one | {"cursor": first.next_cursor}
        assert not {invoice.id for invoice in first.invoices} & {invoice.id for invoice in second.invoices}


@pytest.mark.parametrize("meta", ['{"next_cursor": ""}', '{"next_cursor": null}', "{}", "null", "[]", '"x"'])
async def test_the_last_page_has_no_cursor_however_that_is_written(fastly: Connected, meta: str) -> None:
    fastly.says(f'{{"data": [], "meta": {meta}}}')

    page = await fastly.source.page(EVER, None)

    assert (page.invoices, page.next_cursor, page.failures) == ([], None, [])


async def test_a_recorded_list_is_read(fastly: Connected) -> None:
    fastly.says(text("fastly", "invoices.200"))

    page = await fastly.source.page(EVER, None)

    assert [invoice.number for invoice in page.invoices] == ["INV-375119", "29239985"]
    assert (page.total, page.reference) == (2, "51MumwLiSJyFTWhtbByYgR")


async def test_entries_that_cannot_be_understood_are_named_and_the_rest_stands(fastly: Connected) -> None:
    rows = '{"invoice_id": "1", "billing_start_date": "2026-07-01", "billing_end_date": "2026-07-31"}'
    fastly.says(f'{{"data": [{rows}, {{"invoice_id": "2"}}, null, 5]}}')

    page = await fastly.source.page(EVER, None)

    assert [invoice.details.reference for invoice in page.invoices] == ["1"]
    assert [type(failure) for failure in page.failures] == [Unintelligible] * 3


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"data": {}}', '{"data": "x"}', '{"data": false}'])
async def test_a_list_is_an_object_with_data(fastly: Connected, body: str) -> None:
    fastly.says(body)

    with pytest.raises(Unintelligible):
        await fastly.source.page(EVER, None)


@pytest.mark.parametrize("native", ["INV-375119", "29239985", "a/b?c#d"])
async def test_an_invoice_is_asked_for_by_its_opaque_id(fastly: Connected, native: str) -> None:
    assert await fastly.source.invoice(native) is None

    assert fastly.calls == [f"{INVOICES}/{native.replace('/', '%2F').replace('?', '%3F').replace('#', '%23')}"]


async def test_an_invoice_that_is_refused_in_fastlys_own_words_is_null(fastly: Connected) -> None:
    fastly.fails("status", status=404, body=text("fastly", "invoice.404"))

    assert await fastly.source.invoice("INV-0") is None


async def test_the_month_to_date_is_asked_at_its_own_endpoint(fastly: Connected) -> None:
    invoice = await fastly.source.invoice(MONTH_TO_DATE)

    assert invoice is not None
    assert invoice.status is InvoiceStatus.OPEN
    assert fastly.calls == [f"{INVOICES}/month-to-date"]


async def test_a_month_to_date_that_is_being_computed_is_asked_for_again(fastly: Connected) -> None:
    fastly.fails("status", status=202, body=text("fastly", "month-to-date.202"), times=1)

    invoice = await fastly.source.invoice(MONTH_TO_DATE)

    assert invoice is not None
    assert len(fastly.calls) == 2


async def test_a_month_to_date_that_is_not_computed_by_the_deadline_is_computing(fastly: Connected) -> None:
    fastly.fails("status", status=202, path=MONTH_TO_DATE)
    soon = deadline.set(
        asyncio.get_running_loop().time() + 1.4
    )  # asked at once and after 0.5 s; a third time would be at 1.5 s

    try:
        with pytest.raises(Computing):
            await fastly.source.invoice(MONTH_TO_DATE)
    finally:
        deadline.reset(soon)

    assert len(fastly.calls) <= 2


async def test_a_month_to_date_that_there_is_none_of_is_null_and_one_that_cannot_be_is_unavailable(
    fastly: Connected,
) -> None:
    fastly.fails("status", status=404, times=1)
    fastly.fails("status", status=422)

    assert await fastly.source.invoice(MONTH_TO_DATE) is None
    with pytest.raises(Unavailable):
        await fastly.source.invoice(MONTH_TO_DATE)


async def test_a_list_that_is_not_found_is_an_error(fastly: Connected) -> None:
    fastly.fails("status", status=404)

    with pytest.raises(NotFound):
        await fastly.source.page(EVER, None)
