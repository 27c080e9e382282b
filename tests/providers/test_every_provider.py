"""What every provider promises, held over the registry: a new one is tested by being there."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from providers import PROVIDERS, errors, ids
from providers.errors import ProviderError
from providers.registry import Capability, ProviderSpec
from providers.source import DateWindow
from schema.credit import Credit
from schema.invoice import Invoice, InvoiceDetails, InvoiceStatus
from schema.line_item import LineItem, LineItemDetails

from .source import EVER, Connected, connected_to

EVERY = sorted(PROVIDERS)
STRANGE = ["no-such-invoice", "a/b", "../../me", "a b", "a?b=c", "a#b", "%2F", "é", "2026-13", "0", "a;b", "a+b", "\\"]


@pytest.fixture(params=EVERY)
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Connected]:
    async with connected_to(request.param) as connected:
        yield connected


def kind_of(provider: Connected) -> ProviderSpec:
    return PROVIDERS[provider.sandbox.id]


async def invoices(provider: Connected) -> list[Invoice]:
    """Some invoices in all that is known of them."""
    found = [await provider.source.invoice(native) for native in (await provider.natives())[:14]]
    assert None not in found
    return [invoice for invoice in found if invoice]


async def lines_of(provider: Connected, invoice: Invoice) -> list[LineItem]:
    if invoice.line_part is None:
        return list((await provider.source.line_items(ids.provider_key(invoice.id))).items)
    return list(invoice.line_part.get(invoice) or ())


async def credits_of(provider: Connected, invoice: Invoice) -> list[Credit]:
    if invoice.credit_part is not None:
        return invoice.credit_part.get(invoice) or []
    return [line.credit for line in await lines_of(provider, invoice) if line.credit]


@pytest.mark.parametrize("name", EVERY)
def test_it_stands_in_the_registry_under_its_own_id(name: str) -> None:
    kind = PROVIDERS[name]

    assert kind.id == name
    assert kind.name == kind.settings.provider_name
    assert kind.settings.model_fields["base_url"].default.startswith("https://")
    assert kind.settings.model_fields["sandbox"].default is False


@pytest.mark.parametrize("name", EVERY)
def test_its_details_are_those_of_an_invoice_and_of_a_line(name: str) -> None:
    bases = {base for detail in PROVIDERS[name].details for base in detail.__mro__}

    assert {InvoiceDetails, LineItemDetails} <= bases


async def test_its_invoices_have_canonical_ids_below_their_account(provider: Connected) -> None:
    owner = provider.source.settings.owner
    found = await invoices(provider)

    assert len({invoice.id for invoice in found}) == len(found) == 14
    for invoice in found:
        ref = ids.parse(invoice.id)
        assert ref is not None
        assert (ref.account, ref.kind, invoice.account_id) == (owner.id, ids.INVOICE, owner.id)
        assert invoice.status is InvoiceStatus.ISSUED
        assert invoice.period.start < invoice.period.end
        assert invoice.details.reference


async def test_an_invoice_is_the_same_in_a_list_and_by_its_id(provider: Connected) -> None:
    page = await provider.source.page(EVER, None)

    assert bool(page.invoices) == kind_of(provider).has_list_endpoint
    for listed in page.invoices[:5]:
        single = await provider.source.invoice(ids.provider_key(listed.id))
        assert single is not None
        assert (single.id, single.period, single.number) == (listed.id, listed.period, listed.number)
        assert (single.details, single.total_without_lookup) == (listed.details, listed.total_without_lookup)
        assert (single.payment_states, single.payment_status) == (listed.payment_states, listed.payment_status)
        assert single.payload is not None
        assert listed.payload in (None, single.payload)  # what a list does not have in full is read by its id


async def test_a_window_leaves_out_nothing_that_starts_within_it(provider: Connected) -> None:
    window = DateWindow(date(2026, 3, 1), date(2026, 5, 31))
    page = await provider.source.page(window, None)
    named = [await provider.source.invoice(native) for native in page.keys]

    starts = {invoice.period.start.date() for invoice in [*page.invoices, *named] if invoice}
    assert {date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)} <= starts


async def test_it_states_what_it_says_that_it_states(provider: Connected) -> None:
    states = kind_of(provider).capabilities
    found = await invoices(provider)

    assert any(invoice.total_without_lookup for invoice in found) == (Capability.TOTAL in states)
    assert any(invoice.payment_states for invoice in found) == (Capability.PAYMENT in states)
    assert any(invoice.payment_status for invoice in found) == (Capability.PAYMENT in states)
    assert any(invoice.projects() for invoice in found) == (Capability.PROJECTS in states)


async def test_its_lines_have_ids_of_their_own_that_stay(provider: Connected) -> None:
    for invoice in (await invoices(provider))[:4]:
        lines = await lines_of(provider, invoice)
        native = ids.provider_key(invoice.id)
        again = await provider.source.invoice(native)

        assert lines
        assert len({line.id for line in lines}) == len(lines)
        assert again is not None
        assert [line.id for line in await lines_of(provider, again)] == [line.id for line in lines]
        for line in lines:
            ref = ids.parse(line.id)
            assert ref is not None
            assert (ref.account, ref.kind, ref.provider_keys[0]) == (invoice.account_id, ids.LINE_ITEM, native)
            assert (line.invoice_id, line.payload is None) == (invoice.id, False)


async def test_its_lines_are_apart_or_come_along_as_it_says(provider: Connected) -> None:
    for invoice in await invoices(provider):
        assert (invoice.line_part is None) == kind_of(provider).line_items_need_call


async def test_its_credits_have_ids_of_their_own_and_are_of_the_kinds_that_it_names(provider: Connected) -> None:
    found = [
        (invoice, credit) for invoice in await invoices(provider) for credit in await credits_of(provider, invoice)
    ]

    assert found
    assert len({credit.id for _, credit in found}) == len(found)
    assert {credit.kind for _, credit in found} <= kind_of(provider).credit_kinds
    for invoice, credit in found:
        ref = ids.parse(credit.id)
        assert ref is not None
        assert (ref.account, ref.kind, ref.provider_keys[0]) == (
            invoice.account_id,
            ids.CREDIT,
            ids.provider_key(invoice.id),
        )
        assert (credit.account_id, credit.invoice_id) == (invoice.account_id, invoice.id)


async def test_its_projects_have_canonical_ids_that_stay(provider: Connected) -> None:
    for invoice in await invoices(provider):
        for place, charge in enumerate(invoice.projects() or []):
            assert (charge.index, charge.invoice.id) == (place, invoice.id)
            if charge.project is not None:
                ref = ids.parse(charge.project.id)
                assert ref is not None
                assert (ref.account, ref.kind) == (invoice.account_id, ids.PROJECT)


async def test_every_amount_is_a_decimal(provider: Connected) -> None:
    for invoice in await invoices(provider):
        for line in await lines_of(provider, invoice):
            parts = [line.cost, line.unit_price, line.quantity]
            assert {type(part.amount) for part in parts if part} <= {Decimal}


async def test_an_invoice_that_it_does_not_know_is_null(provider: Connected) -> None:
    for native in STRANGE:
        assert await provider.source.invoice(native) is None


async def test_any_key_goes_percent_encoded_into_its_path(provider: Connected) -> None:
    for native in STRANGE:
        provider.sandbox.control.reset_requests()
        await provider.source.invoice(native)

        for path in provider.calls:  # a provider that knows the form of its keys need not be asked
            assert path.endswith("/" + quote(native, safe="")), path
            assert "?" not in path


async def test_a_wrong_key_is_unauthorized_and_stands_in_no_message(provider: Connected) -> None:
    name, native = provider.sandbox.id, await provider.native()

    async with connected_to(name, api_key=SecretStr("wrong-key")) as refused:
        with pytest.raises(errors.Unauthorized) as failure:
            await refused.source.invoice(native)

    account = provider.source.settings.id
    assert str(failure.value) == f"{PROVIDERS[name].name} refused the key of account {account}."


@pytest.mark.parametrize("error", sorted(ProviderError.__subclasses__(), key=str))
async def test_a_failure_is_a_sentence_without_address_or_key(provider: Connected, error: type[ProviderError]) -> None:
    settings = provider.source.settings
    message = str(error(settings.owner))

    assert settings.owner.provider_name in message
    assert settings.id in message
    assert message.endswith(".")
    for secret in (settings.base_url, settings.api_key.get_secret_value(), "http"):
        assert secret not in message


async def test_it_can_be_asked_for_lines_that_do_not_exist(provider: Connected) -> None:
    if kind_of(provider).line_items_need_call:
        for native in ("2019-01", "x"):
            with pytest.raises(errors.NotFound):
                await provider.source.line_items(native)
    else:
        assert len((await provider.source.line_items("x")).items) == 0
