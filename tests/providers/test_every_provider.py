"""The contract of a provider, tested for each one in the registry and for one of another package."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from providers import errors, ids
from providers.call import CallContext
from providers.errors import ProviderError
from providers.registry import Capability, ProviderSpec
from providers.source import DateWindow
from schema.credit import Credit
from schema.invoice import Invoice, InvoiceDetails, InvoiceStatus
from schema.line_item import LineItem, LineItemDetails

from .source import ALL_PROVIDERS, UNBOUNDED, Connected, connected_to

NAMES = sorted(ALL_PROVIDERS)
UNKNOWN = ["no-such-invoice", "a/b", "../../me", "a b", "a?b=c", "a#b", "%2F", "é", "2026-13", "0", "a;b", "a+b", "\\"]


@pytest.fixture(params=NAMES)
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Connected]:
    async with connected_to(request.param) as connected:
        yield connected


def spec_of(provider: Connected) -> ProviderSpec:
    return ALL_PROVIDERS[provider.sandbox.id]


async def load_invoices(provider: Connected) -> list[Invoice]:
    """Return up to 14 invoices, each with all its data."""
    invoices = [await provider.source.invoice(key, CallContext()) for key in (await provider.page_keys())[:14]]
    assert None not in invoices
    return [invoice for invoice in invoices if invoice]


async def lines_of(provider: Connected, invoice: Invoice) -> list[LineItem]:
    if invoice.line_part is None:
        return list((await provider.source.line_items(ids.provider_key(invoice.id), CallContext())).items)
    return list(invoice.line_part.get(invoice) or ())


async def credits_of(provider: Connected, invoice: Invoice) -> list[Credit]:
    if invoice.credit_part is not None:
        return invoice.credit_part.get(invoice) or []
    return [line.credit for line in await lines_of(provider, invoice) if line.credit]


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_key_is_the_provider_id(name: str) -> None:
    spec = ALL_PROVIDERS[name]

    assert spec.id == name
    assert spec.name == spec.settings.provider_name
    assert spec.settings.model_fields["base_url"].default.startswith("https://")
    assert spec.settings.model_fields["sandbox"].default is False


@pytest.mark.parametrize("name", NAMES)
def test_details_cover_invoices_and_line_items(name: str) -> None:
    bases = {base for details in ALL_PROVIDERS[name].details for base in details.__mro__}

    assert {InvoiceDetails, LineItemDetails} <= bases


async def test_invoice_ids_belong_to_the_account(provider: Connected) -> None:
    account_ref = provider.source.settings.account_ref
    invoices = await load_invoices(provider)

    assert len({invoice.id for invoice in invoices}) == len(invoices) == 14
    for invoice in invoices:
        ref = ids.parse(invoice.id)
        assert ref is not None
        assert (ref.account, ref.kind, invoice.account_id) == (account_ref.id, ids.INVOICE, account_ref.id)
        assert invoice.status is InvoiceStatus.ISSUED
        assert invoice.period.start < invoice.period.end
        assert invoice.details.reference


async def test_list_and_detail_agree_on_an_invoice(provider: Connected) -> None:
    page = await provider.source.page(UNBOUNDED, None, CallContext())

    assert bool(page.invoices) == spec_of(provider).has_list_endpoint
    for summary in page.invoices[:5]:
        detail = await provider.source.invoice(ids.provider_key(summary.id), CallContext())
        assert detail is not None
        assert (detail.id, detail.period, detail.number) == (summary.id, summary.period, summary.number)
        assert (detail.details, detail.total_without_lookup) == (summary.details, summary.total_without_lookup)
        assert (detail.payment_states, detail.payment_status) == (summary.payment_states, summary.payment_status)
        assert detail.payload is not None
        assert summary.payload in (None, detail.payload)  # None: the list has only a part of the payload


async def test_a_window_omits_no_invoice_inside_it(provider: Connected) -> None:
    window = DateWindow(date(2026, 3, 1), date(2026, 5, 31))
    page = await provider.source.page(window, None, CallContext())
    by_key = [await provider.source.invoice(key, CallContext()) for key in page.keys]

    starts = {invoice.period.start.date() for invoice in [*page.invoices, *by_key] if invoice}
    assert {date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)} <= starts


async def test_capabilities_match_the_data(provider: Connected) -> None:
    capabilities = spec_of(provider).capabilities
    invoices = await load_invoices(provider)

    assert any(invoice.total_without_lookup for invoice in invoices) == (Capability.TOTAL in capabilities)
    assert any(invoice.payment_states for invoice in invoices) == (Capability.PAYMENT in capabilities)
    assert any(invoice.payment_status for invoice in invoices) == (Capability.PAYMENT in capabilities)
    assert any(invoice.projects() for invoice in invoices) == (Capability.PROJECTS in capabilities)
    has_history = any(len(invoice.payment_states or ()) > 1 for invoice in invoices)
    assert has_history == (Capability.PAYMENT_HISTORY in capabilities)


async def test_credits_without_terms_state_none(provider: Connected) -> None:
    credits = [credit for invoice in await load_invoices(provider) for credit in await credits_of(provider, invoice)]

    assert credits
    has_terms = any(credit.starts_at or credit.expires_at or credit.remaining for credit in credits)
    assert spec_of(provider).credits_have_terms or not has_terms


async def test_line_item_ids_are_unique_and_stable(provider: Connected) -> None:
    for invoice in (await load_invoices(provider))[:4]:
        lines = await lines_of(provider, invoice)
        key = ids.provider_key(invoice.id)
        reloaded = await provider.source.invoice(key, CallContext())

        assert lines
        assert len({line.id for line in lines}) == len(lines)
        assert reloaded is not None
        assert [line.id for line in await lines_of(provider, reloaded)] == [line.id for line in lines]
        for line in lines:
            ref = ids.parse(line.id)
            assert ref is not None
            assert (ref.account, ref.kind, ref.provider_keys[0]) == (invoice.account_id, ids.LINE_ITEM, key)
            assert (line.invoice_id, line.payload is None) == (invoice.id, False)


async def test_line_items_need_a_call_only_if_declared(provider: Connected) -> None:
    for invoice in await load_invoices(provider):
        assert (invoice.line_part is None) == spec_of(provider).line_items_need_call


async def test_credits_have_unique_ids_and_declared_kinds(provider: Connected) -> None:
    credits = [
        (invoice, credit) for invoice in await load_invoices(provider) for credit in await credits_of(provider, invoice)
    ]

    assert credits
    assert len({credit.id for _, credit in credits}) == len(credits)
    assert {credit.kind for _, credit in credits} <= spec_of(provider).credit_kinds
    for invoice, credit in credits:
        ref = ids.parse(credit.id)
        assert ref is not None
        assert (ref.account, ref.kind, ref.provider_keys[0]) == (
            invoice.account_id,
            ids.CREDIT,
            ids.provider_key(invoice.id),
        )
        assert (credit.account_id, credit.invoice_id) == (invoice.account_id, invoice.id)


async def test_projects_have_ids_and_positions(provider: Connected) -> None:
    for invoice in await load_invoices(provider):
        for index, charge in enumerate(invoice.projects() or []):
            assert (charge.index, charge.invoice.id) == (index, invoice.id)
            if charge.project is not None:
                ref = ids.parse(charge.project.id)
                assert ref is not None
                assert (ref.account, ref.kind) == (invoice.account_id, ids.PROJECT)


async def test_every_amount_is_a_decimal(provider: Connected) -> None:
    for invoice in await load_invoices(provider):
        for line in await lines_of(provider, invoice):
            parts = [line.cost, line.unit_price, line.quantity]
            assert {type(part.amount) for part in parts if part} <= {Decimal}


async def test_an_unknown_key_returns_none(provider: Connected) -> None:
    for key in UNKNOWN:
        assert await provider.source.invoice(key, CallContext()) is None


async def test_keys_are_percent_encoded_in_the_path(provider: Connected) -> None:
    for key in UNKNOWN:
        provider.sandbox.control.reset_requests()
        await provider.source.invoice(key, CallContext())

        for path in provider.calls:  # empty if the provider rejects a key of another form without a call
            assert path.endswith("/" + quote(key, safe="")), path
            assert "?" not in path


async def test_a_wrong_api_key_is_in_no_message(provider: Connected) -> None:
    name, key = provider.sandbox.id, await provider.newest_key()

    async with connected_to(name, api_key=SecretStr("wrong-key")) as unauthorized:
        with pytest.raises(errors.Unauthorized) as failure:
            await unauthorized.source.invoice(key, CallContext())

    account = provider.source.settings.id
    assert str(failure.value) == f"{ALL_PROVIDERS[name].name} refused the key of account {account}."


@pytest.mark.parametrize("error", sorted(ProviderError.__subclasses__(), key=str))
async def test_messages_hold_no_address_and_no_key(provider: Connected, error: type[ProviderError]) -> None:
    settings = provider.source.settings
    message = str(error(settings.account_ref))

    assert settings.account_ref.provider_name in message
    assert settings.id in message
    assert message.endswith(".")
    for secret in (settings.base_url, settings.api_key.get_secret_value(), "http"):
        assert secret not in message


async def test_line_items_of_an_unknown_invoice(provider: Connected) -> None:
    if spec_of(provider).line_items_need_call:
        for key in ("2019-01", "x"):
            with pytest.raises(errors.NotFound):
                await provider.source.line_items(key, CallContext())
    else:
        assert len((await provider.source.line_items("x", CallContext())).items) == 0
