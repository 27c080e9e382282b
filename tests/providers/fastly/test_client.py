"""Fastly's client: its requests, and how it reads the responses."""

from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import Computing, NotFound, Unavailable, Unintelligible
from providers.fastly.sandbox import Sandbox
from providers.source import MONTH_TO_DATE, DateWindow
from schema.invoice import InvoiceStatus
from tests.harness import now
from tests.providers.source import UNBOUNDED, Connected, connected_to
from tests.recorded import recorded_text

INVOICES = "/billing/v3/invoices"


@pytest.fixture
async def fastly() -> AsyncIterator[Connected]:
    async with connected_to("fastly") as connected:
        yield connected


def list_parameters(connected: Connected) -> list[dict[str, str]]:
    """Return the query parameters of each call. All calls must be for the list."""
    assert {urlsplit(path).path for path in connected.calls} == {INVOICES}
    return [dict(parse_qsl(urlsplit(path).query, strict_parsing=True)) for path in connected.calls]


async def test_first_page_has_neither_dates_nor_cursor(fastly: Connected) -> None:
    page = await fastly.source.page(UNBOUNDED, None, CallContext())

    assert list_parameters(fastly) == [{"limit": "100"}]
    assert (len(page.invoices), page.next_cursor, page.total) == (36, None, 36)
    assert page.reference is not None
    assert page.failures == []


async def test_oversized_cursor_does_not_open_the_breaker(fastly: Connected) -> None:
    for _ in range(6):
        with pytest.raises(Unavailable):
            await fastly.source.page(UNBOUNDED, "c" * 70_000, CallContext())
    assert fastly.calls == []

    assert (await fastly.source.page(UNBOUNDED, None, CallContext())).invoices


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        (DateWindow(date(2026, 3, 1), date(2026, 3, 31)), "2026-02-01", "2026-05-01"),
        (DateWindow(date(2026, 1, 31), date(2026, 12, 1)), "2025-12-01", "2027-02-01"),
        (DateWindow(oldest=date(2026, 3, 15)), "2026-02-01", None),
        (DateWindow(newest=date(2026, 11, 30)), None, "2027-01-01"),
        (DateWindow(date(1, 1, 1), date(9999, 12, 31)), None, None),  # no filter beyond the calendar's ends
    ],
)
async def test_dates_have_one_month_of_margin(
    fastly: Connected, window: DateWindow, start: str | None, end: str | None
) -> None:
    await fastly.source.page(window, None, CallContext())

    [parameters] = list_parameters(fastly)
    assert (parameters.get("billing_start_date"), parameters.get("billing_end_date")) == (start, end)


async def test_next_page_sends_encoded_cursor_and_same_dates() -> None:
    async with connected_to("fastly", Sandbox(now=now, per_month=6)) as fastly:
        window = DateWindow(date(2024, 1, 1), date(2026, 9, 30))
        first = await fastly.source.page(window, None, CallContext())
        second = await fastly.source.page(window, first.next_cursor, CallContext())

        assert (len(first.invoices), first.total) == (100, second.total)
        assert first.next_cursor is not None
        assert "+" in first.next_cursor
        assert "+" not in fastly.calls[1]
        first_call, second_call = list_parameters(fastly)
        assert second_call == first_call | {"cursor": first.next_cursor}
        assert not {invoice.id for invoice in first.invoices} & {invoice.id for invoice in second.invoices}


@pytest.mark.parametrize("meta", ['{"next_cursor": ""}', '{"next_cursor": null}', "{}", "null", "[]", '"x"'])
async def test_last_page_has_no_cursor(fastly: Connected, meta: str) -> None:
    fastly.respond_with(f'{{"data": [], "meta": {meta}}}')

    page = await fastly.source.page(UNBOUNDED, None, CallContext())

    assert (page.invoices, page.next_cursor, page.failures) == ([], None, [])


async def test_recorded_list_is_read(fastly: Connected) -> None:
    fastly.respond_with(recorded_text("fastly", "invoices.200"))

    page = await fastly.source.page(UNBOUNDED, None, CallContext())

    assert [invoice.number for invoice in page.invoices] == ["INV-375119", "29239985"]
    assert (page.total, page.reference) == (2, "51MumwLiSJyFTWhtbByYgR")


async def test_invalid_list_entries_become_failures(fastly: Connected) -> None:
    valid_row = '{"invoice_id": "1", "billing_start_date": "2026-07-01", "billing_end_date": "2026-07-31"}'
    fastly.respond_with(f'{{"data": [{valid_row}, {{"invoice_id": "2"}}, null, 5]}}')

    page = await fastly.source.page(UNBOUNDED, None, CallContext())

    assert [invoice.details.reference for invoice in page.invoices] == ["1"]
    assert [type(failure) for failure in page.failures] == [Unintelligible] * 3


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"data": {}}', '{"data": "x"}', '{"data": false}'])
async def test_list_must_be_an_object_with_data(fastly: Connected, body: str) -> None:
    fastly.respond_with(body)

    with pytest.raises(Unintelligible):
        await fastly.source.page(UNBOUNDED, None, CallContext())


@pytest.mark.parametrize("provider_key", ["INV-375119", "29239985", "a/b?c#d"])
async def test_invoice_path_has_its_encoded_id(fastly: Connected, provider_key: str) -> None:
    assert await fastly.source.invoice(provider_key, CallContext()) is None

    assert fastly.calls == [f"{INVOICES}/{provider_key.replace('/', '%2F').replace('?', '%3F').replace('#', '%23')}"]


async def test_recorded_404_is_null(fastly: Connected) -> None:
    fastly.inject_fault("status", status=404, body=recorded_text("fastly", "invoice.404"))

    assert await fastly.source.invoice("INV-0", CallContext()) is None


async def test_month_to_date_has_its_own_endpoint(fastly: Connected) -> None:
    invoice = await fastly.source.invoice(MONTH_TO_DATE, CallContext())

    assert invoice is not None
    assert invoice.status is InvoiceStatus.OPEN
    assert fastly.calls == [f"{INVOICES}/month-to-date"]


async def test_accepted_month_to_date_is_polled(fastly: Connected) -> None:
    fastly.inject_fault("status", status=202, body=recorded_text("fastly", "month-to-date.202"), times=1)

    invoice = await fastly.source.invoice(MONTH_TO_DATE, CallContext())

    assert invoice is not None
    assert len(fastly.calls) == 2


async def test_month_to_date_is_computing_at_the_deadline(fastly: Connected) -> None:
    fastly.inject_fault("status", status=202, path=MONTH_TO_DATE)
    call = CallContext(loop_time() + 1.4)  # requests at 0 s and 0.5 s; a third one would be at 1.5 s

    with pytest.raises(Computing):
        await fastly.source.invoice(MONTH_TO_DATE, call)

    assert len(fastly.calls) <= 2


async def test_month_to_date_is_null_on_404_and_fails_on_422(
    fastly: Connected,
) -> None:
    fastly.inject_fault("status", status=404, times=1)
    fastly.inject_fault("status", status=422)

    assert await fastly.source.invoice(MONTH_TO_DATE, CallContext()) is None
    with pytest.raises(Unavailable):
        await fastly.source.invoice(MONTH_TO_DATE, CallContext())


async def test_missing_list_is_not_found(fastly: Connected) -> None:
    fastly.inject_fault("status", status=404)

    with pytest.raises(NotFound):
        await fastly.source.page(UNBOUNDED, None, CallContext())
