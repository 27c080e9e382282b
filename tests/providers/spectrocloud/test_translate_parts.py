"""Translation of the parts of a Palette invoice: line items, credits, project charges and payment."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.errors import Unintelligible
from providers.spectrocloud.details import SpectroCloudLineItemDetails
from schema.filters import ChargeCategory, CreditKind
from schema.payment import PaymentStatus
from schema.project import ProjectUsage
from schema.scalars import format_decimal
from schema.values import Quantity

from .palette import ACCOUNT_ID, UID, invoice_payload, line_items, plan_credits, quantity, translate_invoice, usd

DAY = "2026-02-01T00:00:00Z"


def test_each_product_with_an_amount_is_a_line_item() -> None:
    invoice = translate_invoice(invoice_payload())
    pure, alloy = line_items(invoice) or []

    assert (pure.id, alloy.id) == (f"{ACCOUNT_ID}/line-item/{UID}/pure", f"{ACCOUNT_ID}/line-item/{UID}/alloy")
    assert (pure.product, pure.category, pure.description) == ("Pure", ChargeCategory.USAGE, None)
    assert (pure.cost, pure.unit_price, pure.quantity) == (usd("1234.56"), usd("30"), quantity("41.152", "credits"))
    assert (pure.product_group, pure.product_line, pure.region) == (None, None, None)
    assert pure.details == SpectroCloudLineItemDetails(reference="pure", tier="Tier 2", used_credits=Decimal("66.152"))
    assert (alloy.product, alloy.cost, alloy.quantity) == ("Alloy", usd("18.50"), quantity("1", "credits"))
    assert (pure.parent and pure.parent.id, pure.invoice_id) == (invoice.id, invoice.id)
    assert pure.payload == invoice_payload()["status"]["productInvoice"]["pure"]


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        (None, None),
        ({}, []),
        ({"pure": None, "alloy": None}, []),
        ({"alloy": {"tierName": "Tier 1"}}, []),  # zeros are omitted: without an amount there is no line item
        ({"alloy": {"amount": None}, "pure": {"amount": ""}}, []),
        ({"pure": {"amount": 0}}, [("Pure", usd("0"))]),
        ({"alloy": {"amount": "-0.00"}, "pure": {"amount": "3"}}, [("Pure", usd("3")), ("Alloy", usd("0.00"))]),
        ("none", None),
    ],
)
def test_line_items_are_null_without_products(products: Any, expected: Any) -> None:
    payload = invoice_payload()
    payload["status"]["productInvoice"] = products

    items = line_items(translate_invoice(payload))

    assert (None if items is None else [(line.product, line.cost) for line in items]) == expected


def test_unreadable_amount_is_unintelligible() -> None:
    payload = invoice_payload()
    payload["status"]["productInvoice"] = {"pure": {"amount": "1,234.5"}}

    [line] = line_items(translate_invoice(payload)) or []

    with pytest.raises(Unintelligible, match=f"the amount 'amount' of invoice {UID} cannot be read"):
        _ = line.cost


def test_free_credits_precede_sla_credits() -> None:
    invoice = translate_invoice(invoice_payload())
    free, sla = plan_credits(invoice) or []

    assert (free.kind, free.product, free.description, free.reference) == (
        CreditKind.FREE,
        "Pure",
        "welcome",
        "65a1f00d",
    )
    assert (free.value, free.used, free.remaining) == (
        quantity("25000", "core-hours"),
        quantity("21000", "core-hours"),
        quantity("4000", "core-hours"),
    )
    assert (free.starts_at, free.expires_at) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    assert free.id == f"{ACCOUNT_ID}/credit/{UID}/65a1f00d/1"
    assert (sla.kind, sla.product, sla.description, sla.reference) == (CreditKind.SLA, "Alloy", "outage", None)
    assert (sla.value, sla.used, sla.remaining) == (
        quantity("500", "core-hours"),
        quantity("0", "core-hours"),
        quantity("500", "core-hours"),
    )  # a missing usage is 0
    assert (sla.starts_at, sla.expires_at) == (datetime(2026, 1, 15, tzinfo=UTC), None)  # year 1 means no date
    assert (sla.account_id, sla.invoice_id) == (ACCOUNT_ID, invoice.id)
    assert sla.parent is not None
    assert sla.parent.id == invoice.id


def test_remaining_credit_is_exact() -> None:
    payload = invoice_payload()
    credit = payload["spec"]["plan"]["freeCredits"][0]
    credit["planCredit"]["cpuCoreHours"], credit["totalCpuCoreHours"] = "1e30", "0." + "0" * 29 + "1"

    remaining = (plan_credits(translate_invoice(payload)) or [])[0].remaining

    assert isinstance(remaining, Quantity)
    assert format_decimal(remaining.amount) == "9" * 30 + "." + "9" * 30


@pytest.mark.parametrize(
    ("free", "sla", "count"), [(None, None, None), ([], None, 0), (None, [], 0), ([], [], 0), ([{}], None, 1)]
)
def test_credits_are_null_if_both_lists_are(free: Any, sla: Any, count: int | None) -> None:
    payload = invoice_payload()
    payload["spec"]["plan"] |= {"freeCredits": free, "slaCredits": sla}

    credits = plan_credits(translate_invoice(payload))

    assert (None if credits is None else len(credits)) == count


def test_digest_id_of_a_credit_ignores_its_usage() -> None:
    payload, later_payload = invoice_payload(), invoice_payload()
    later_payload["spec"]["plan"]["slaCredits"][0]["totalCpuCoreHours"] = 120
    later_payload["spec"]["plan"]["slaCredits"][0]["planCredit"]["cpuCoreHours"] = "500.0"
    other_payload = invoice_payload()
    other_payload["spec"]["plan"]["slaCredits"][0]["planCredit"]["name"] = "another outage"

    ids = [
        (plan_credits(translate_invoice(variant)) or [])[1].id for variant in (payload, later_payload, other_payload)
    ]

    assert ids[0] == ids[1] != ids[2]


def test_credits_with_the_same_uid_are_numbered() -> None:
    payload = invoice_payload()
    plan = payload["spec"]["plan"]
    plan["slaCredits"] = plan["freeCredits"] * 2

    credits = plan_credits(translate_invoice(payload)) or []

    assert [credit.id.rpartition("/")[2] for credit in credits] == ["1", "2", "3"]
    assert {credit.id.rpartition("/")[0] for credit in credits} == {f"{ACCOUNT_ID}/credit/{UID}/65a1f00d"}


def test_project_charges_have_usage_by_product() -> None:
    invoice = translate_invoice(invoice_payload())
    default, nameless, bare = invoice.projects() or []

    assert default.project is not None
    assert (default.project.id, default.project.name) == (f"{ACCOUNT_ID}/project/5fbbf0a1", "Default")
    assert (default.name, default.cost, default.invoice.id) == ("Default", usd("1253.06"), invoice.id)
    assert default.usage == [
        ProjectUsage(product="Pure", cost=usd("1234.56"), unit_price=usd("30"), used=quantity("66.152", "credits")),
        ProjectUsage(product="Alloy", cost=usd("18.5"), unit_price=usd("18.5"), used=quantity("1", "credits")),
    ]
    assert (nameless.project, nameless.name, nameless.cost, nameless.usage) == (None, "Without a uid", usd("0.5"), [])
    assert bare.project is not None
    assert (bare.project.name, bare.name, bare.cost, bare.usage) == (None, None, usd("0"), None)
    assert [default.index, nameless.index, bare.index] == [0, 1, 2]


@pytest.mark.parametrize(("projects", "expected"), [(None, None), ([], []), ("x", None)])
def test_project_charges_are_null_without_a_list(projects: Any, expected: Any) -> None:
    payload = invoice_payload()
    payload["status"]["projects"] = projects

    charges = translate_invoice(payload).projects()

    assert (None if charges is None else list(charges)) == expected


def test_payment_states_are_sorted_by_time() -> None:
    invoice = translate_invoice(invoice_payload())

    assert [(state.word, state.status, state.message) for state in invoice.payment_states or []] == [
        ("PaymentPending", PaymentStatus.PENDING, None),
        ("PaymentInProgress", PaymentStatus.IN_PROGRESS, None),
        ("PaymentFailed", PaymentStatus.FAILED, "Your card was declined."),
        ("Paid", PaymentStatus.PAID, None),
    ]
    assert (invoice.payment_states or [])[0].at == datetime(2026, 2, 1, 0, 5, 11, 204000, tzinfo=UTC)
    assert invoice.payment_status is PaymentStatus.PAID


def state(word: str | None, timestamp: str = "0001-01-01T00:00:00.000Z") -> dict[str, Any]:
    return {"state": word, "timestamp": timestamp}


@pytest.mark.parametrize(
    ("states", "words", "status"),
    [
        (None, None, None),
        ([], [], None),
        ([state("Paid")], ["Paid"], PaymentStatus.PAID),
        ([state("Disputed", DAY)], ["Disputed"], PaymentStatus.UNRECOGNIZED),
        ([state("paid", DAY)], ["paid"], PaymentStatus.UNRECOGNIZED),  # not the documented word
        ([state("Paid"), state("PaymentPending")], ["Paid", "PaymentPending"], None),
        ([state("Paid", DAY), state("PaymentFailed", DAY)], ["Paid", "PaymentFailed"], None),
        ([state("Paid", DAY), state("Paid", DAY)], ["Paid", "Paid"], PaymentStatus.PAID),
        ([state("PaymentFailed", DAY), state("Paid")], ["Paid", "PaymentFailed"], PaymentStatus.FAILED),
        ([state(None, "2026-03-01T00:00:00Z"), state("Paid")], ["Paid"], PaymentStatus.PAID),
    ],
)  # fmt: skip
def test_latest_state_determines_the_payment_status(states: Any, words: Any, status: Any) -> None:
    payload = invoice_payload()
    payload["status"]["states"] = states

    invoice = translate_invoice(payload)

    history = invoice.payment_states
    assert (None if history is None else [state.word for state in history]) == words
    assert invoice.payment_status is status
