"""A wrong declaration fails when it is made, with a message that names it."""

from typing import Any

import pytest
from nimbus_invoices import Nimbus, NimbusCredit, NimbusInvoice, NimbusLineItem, NimbusLineItemDetails

from providers.rest import RestSource
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.details import DeclarationError, details_type
from providers.rows.invoice import InvoiceRow
from providers.rows.parts import CreditRow, LineItemRow, ProjectChargeRow
from schema.filters import CreditKind
from schema.line_item import LineItemDetails


@details_type("Details with a field that has no column.")
class Incomplete(LineItemDetails):
    """Its field is declared without `fact`."""

    sku: str | None


LINE: dict[str, Any] = {"cost": columns.money("amount"), "details": NimbusLineItemDetails, "digest": ("cost",)}
CREDIT_NAMES = (
    "description, digest, expires_at, is_credit, is_stated, key, kind, product, reference, starts_at, used, value"
)


@pytest.mark.parametrize(
    ("base", "declarations", "problem"),
    [
        (InvoiceRow, {}, "does not declare 'details'"),
        (InvoiceRow, {"details": NimbusInvoice.details, "key": columns.text("id")}, "does not declare 'period'"),
        (NimbusInvoice, {"total": "total"}, "declares 'total', but not as a column"),
        (NimbusInvoice, {"line_items": NimbusLineItem}, "declares 'line_items', but not by `rows` or `RowsOf`"),
        (LineItemRow, LINE | {"cost": "amount"}, "declares 'cost', but not as a column"),
        (LineItemRow, LINE | {"digest": ()}, "declares neither 'reference' nor 'digest', so its rows have no ids"),
        (LineItemRow, LINE | {"digest": ("sku",)}, "has no column 'sku' for its digest"),
        (CreditRow, {"value": columns.money("amount")}, "does not declare 'kind'"),
        (
            CreditRow,
            {"kind": columns.constant(CreditKind.FREE), "value": columns.money("amount")},
            "declares neither 'reference' nor 'digest', so its rows have no ids",
        ),
        (NimbusCredit, {"worth": columns.money("amount")}, f"declares 'worth', which is none of {CREDIT_NAMES}"),
        (ProjectChargeRow, {"name": columns.text("name")}, "does not declare 'cost'"),
        (RestSource, {"path": ("invoices",)}, "does not declare 'invoice_row'"),
    ],
)
def test_a_wrong_declaration_is_named(base: type, declarations: dict[str, Any], problem: str) -> None:
    with pytest.raises(DeclarationError) as failure:
        type("Wrong", (base,), declarations)

    assert str(failure.value) == f"{__name__}.Wrong {problem}"


def test_a_fact_without_a_column_is_named() -> None:
    with pytest.raises(DeclarationError) as failure:
        type("Line", (LineItemRow,), LINE | {"details": Incomplete})

    assert str(failure.value) == f"{__name__}.Incomplete declares 'sku' without a column; declare it by `fact`"


def test_a_private_helper_is_no_declaration() -> None:
    type("Line", (NimbusLineItem,), {"_helper": 1})


def test_a_source_inherits_its_rows() -> None:
    assert type("Stratus", (Nimbus,), {}).invoice_row is NimbusInvoice  # type: ignore[attr-defined]


def test_a_type_checker_rejects_a_column_of_another_type() -> None:
    class Line(NimbusLineItem):
        """Each comment suppresses an error. The type checker reports a comment that suppresses none."""

        cost = columns.text("amount")  # type: ignore[assignment]

        @staticmethod
        def description(row: Any, context: InvoiceContext) -> int:  # type: ignore[override]
            return 1

    assert Line.columns.columns["cost"]({"amount": "5"}, None) == "5"
