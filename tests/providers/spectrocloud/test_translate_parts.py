"""The parts of a Palette invoice: lines, grants, projects' shares and payment."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.spectrocloud.details import SpectroCloudLineItemDetails
from schema.filters import ChargeCategory, CreditKind
from schema.payment import PaymentStatus
from schema.project import ProjectUsage
from schema.scalars import format_decimal
from schema.values import Quantity

from .palette import BASE, UID, bill, grants, lines, of, translated, usd

DAY = "2026-02-01T00:00:00Z"


def test_each_product_that_bears_an_amount_is_a_line() -> None:
    invoice = translated(bill())
    pure, alloy = lines(invoice) or []

    assert (pure.id, alloy.id) == (f"{BASE}/line-item/{UID}/pure", f"{BASE}/line-item/{UID}/alloy")
    assert (pure.product, pure.category, pure.description) == ("Pure", ChargeCategory.USAGE, None)
    assert (pure.cost, pure.unit_price, pure.quantity) == (usd("1234.56"), usd("30"), of("41.152", "credits"))
    assert (pure.product_group, pure.product_line, pure.region) == (None, None, None)
    assert pure.details == SpectroCloudLineItemDetails(reference="pure", tier="Tier 2", used_credits=Decimal("66.152"))
    assert (alloy.product, alloy.cost, alloy.quantity) == ("Alloy", usd("18.50"), of("1", "credits"))
    assert (pure.parent and pure.parent.id, pure.invoice_id) == (invoice.id, invoice.id)
    assert pure.payload == bill()["status"]["productInvoice"]["pure"]


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        (None, None),
        ({}, []),
        ({"pure": None, "alloy": None}, []),
        ({"alloy": {"tierName": "Tier 1"}}, []),  # zeros are left out: no amount, no line
        ({"alloy": {"amount": None}, "pure": {"amount": ""}}, []),
        ({"pure": {"amount": 0}}, [("Pure", usd("0"))]),
        ({"pure": {"amount": "1,234.5"}}, [("Pure", None)]),  # it bears one, which cannot be read
        ({"alloy": {"amount": "-0.00"}, "pure": {"amount": "3"}}, [("Pure", usd("3")), ("Alloy", usd("0.00"))]),
        ("none", None),
    ],
)
def test_lines_are_null_where_no_product_is_named_and_empty_where_none_costs(products: Any, expected: Any) -> None:
    wire = bill()
    wire["status"]["productInvoice"] = products

    found = lines(translated(wire))

    assert (None if found is None else [(line.product, line.cost) for line in found]) == expected


def test_grants_are_free_credits_then_those_for_a_missed_level_of_service() -> None:
    invoice = translated(bill())
    free, sla = grants(invoice) or []

    assert (free.kind, free.product, free.description, free.reference) == (
        CreditKind.FREE,
        "Pure",
        "welcome",
        "65a1f00d",
    )
    assert (free.value, free.used, free.remaining) == (
        of("25000", "core-hours"),
        of("21000", "core-hours"),
        of("4000", "core-hours"),
    )
    assert (free.starts_at, free.expires_at) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    assert free.id == f"{BASE}/credit/{UID}/65a1f00d/1"
    assert (sla.kind, sla.product, sla.description, sla.reference) == (CreditKind.SLA, "Alloy", "outage", None)
    assert (sla.value, sla.used, sla.remaining) == (of("500", "core-hours"), None, None)  # never 0 by itself
    assert (sla.starts_at, sla.expires_at) == (datetime(2026, 1, 15, tzinfo=UTC), None)  # year 1 is no date
    assert (sla.account_id, sla.invoice_id) == (BASE, invoice.id)
    assert sla.parent is not None
    assert sla.parent.id == invoice.id


def test_what_remains_of_a_grant_is_never_rounded() -> None:
    wire = bill()
    credit = wire["spec"]["plan"]["freeCredits"][0]
    credit["planCredit"]["cpuCoreHours"], credit["totalCpuCoreHours"] = "1e30", "0." + "0" * 29 + "1"

    remaining = (grants(translated(wire)) or [])[0].remaining

    assert isinstance(remaining, Quantity)
    assert format_decimal(remaining.amount) == "9" * 30 + "." + "9" * 30


@pytest.mark.parametrize(
    ("free", "sla", "count"), [(None, None, None), ([], None, 0), (None, [], 0), ([], [], 0), ([{}], None, 1)]
)
def test_credits_are_null_where_both_lists_are_and_else_what_they_hold(free: Any, sla: Any, count: int | None) -> None:
    wire = bill()
    wire["spec"]["plan"] |= {"freeCredits": free, "slaCredits": sla}

    found = grants(translated(wire))

    assert (None if found is None else len(found)) == count


def test_a_grant_without_an_id_is_known_by_what_it_grants_however_much_is_used() -> None:
    wire, later = bill(), bill()
    later["spec"]["plan"]["slaCredits"][0]["totalCpuCoreHours"] = 120
    later["spec"]["plan"]["slaCredits"][0]["planCredit"]["cpuCoreHours"] = "500.0"
    other = bill()
    other["spec"]["plan"]["slaCredits"][0]["planCredit"]["name"] = "another outage"

    ids = [(grants(translated(each)) or [])[1].id for each in (wire, later, other)]

    assert ids[0] == ids[1] != ids[2]


def test_grants_that_share_an_id_are_counted() -> None:
    wire = bill()
    plan = wire["spec"]["plan"]
    plan["slaCredits"] = plan["freeCredits"] * 2

    found = grants(translated(wire)) or []

    assert [credit.id.rpartition("/")[2] for credit in found] == ["1", "2", "3"]
    assert {credit.id.rpartition("/")[0] for credit in found} == {f"{BASE}/credit/{UID}/65a1f00d"}


def test_projects_are_a_second_view_of_the_same_money() -> None:
    invoice = translated(bill())
    default, nameless, bare = invoice.projects() or []

    assert default.project is not None
    assert (default.project.id, default.project.name) == (f"{BASE}/project/5fbbf0a1", "Default")
    assert (default.name, default.cost, default.invoice.id) == ("Default", usd("1253.06"), invoice.id)
    assert default.usage == [
        ProjectUsage(product="Pure", cost=usd("1234.56"), unit_price=usd("30"), used=of("66.152", "credits")),
        ProjectUsage(product="Alloy", cost=usd("18.5"), unit_price=usd("18.5"), used=of("1", "credits")),
    ]
    assert (nameless.project, nameless.name, nameless.cost, nameless.usage) == (None, "Without a uid", usd("0.5"), [])
    assert bare.project is not None
    assert (bare.project.name, bare.name, bare.cost, bare.usage) == (None, None, None, None)
    assert [default.index, nameless.index, bare.index] == [0, 1, 2]


@pytest.mark.parametrize(("projects", "expected"), [(None, None), ([], []), ("x", None)])
def test_projects_are_null_where_the_wire_has_no_list(projects: Any, expected: Any) -> None:
    wire = bill()
    wire["status"]["projects"] = projects

    found = translated(wire).projects()

    assert (None if found is None else list(found)) == expected


def test_payment_states_are_sorted_and_the_latest_is_current() -> None:
    invoice = translated(bill())

    assert [(state.word, state.status, state.message) for state in invoice.payment_states or []] == [
        ("PaymentPending", PaymentStatus.PENDING, None),
        ("PaymentInProgress", PaymentStatus.IN_PROGRESS, None),
        ("PaymentFailed", PaymentStatus.FAILED, "Your card was declined."),
        ("Paid", PaymentStatus.PAID, None),
    ]
    assert (invoice.payment_states or [])[0].at == datetime(2026, 2, 1, 0, 5, 11, 204000, tzinfo=UTC)
    assert invoice.payment_status is PaymentStatus.PAID


def state(word: str | None, at: str = "0001-01-01T00:00:00.000Z") -> dict[str, Any]:
    return {"state": word, "timestamp": at}


@pytest.mark.parametrize(
    ("states", "words", "now"),
    [
        (None, None, None),
        ([], [], None),
        ([state("Paid")], ["Paid"], PaymentStatus.PAID),
        ([state("Disputed", DAY)], ["Disputed"], PaymentStatus.UNRECOGNIZED),
        ([state("paid", DAY)], ["paid"], PaymentStatus.UNRECOGNIZED),  # not the word documented
        ([state("Paid"), state("PaymentPending")], ["Paid", "PaymentPending"], None),
        ([state("Paid", DAY), state("PaymentFailed", DAY)], ["Paid", "PaymentFailed"], None),
        ([state("Paid", DAY), state("Paid", DAY)], ["Paid", "Paid"], PaymentStatus.PAID),
        ([state("PaymentFailed", DAY), state("Paid")], ["Paid", "PaymentFailed"], PaymentStatus.FAILED),
        ([state(None, "2026-03-01T00:00:00Z"), state("Paid")], ["Paid"], PaymentStatus.PAID),
    ],
)  # fmt: skip
def test_payment_stands_where_the_latest_state_says_and_nowhere_else(states: Any, words: Any, now: Any) -> None:
    wire = bill()
    wire["status"]["states"] = states

    invoice = translated(wire)

    found = invoice.payment_states
    assert (None if found is None else [each.word for each in found]) == words
    assert invoice.payment_status is now
