"""Tests that elements of a released contract stay until the date that their deprecation names."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import node

from .test_contract import CLIENT, FOLDER

RELEASED = (FOLDER / "released.graphql").read_text()
TODAY = "2026-11-22"
CONTRACT = """
type Query {
  bill(id: ID!, draft: Boolean%): Bill
}
type Bill {
  id: ID!
  details: Details
  payer: Payer%
  state: State
}
enum State {
  OPEN
  SHUT%
}
type Payer {
  name: String
}
interface Details {
  code: String
}
type Printed implements Details {
  code: String
  pages: Int
}
"""
ELEMENTS = [", draft: Boolean", "\n  payer: Payer", "\n  SHUT"]
REMOVED = {"Query.bill.draft", "Bill.payer", "Payer", "State.SHUT"}


def contract(reason: str = "") -> str:
    """Return a contract in which some elements are deprecated if there is a reason."""
    return CONTRACT.replace("%", f' @deprecated(reason: "{reason}")' if reason else "")


def contract_without_elements() -> str:
    """Return the contract without those elements, and without the type that only they use."""
    text = contract().replace("type Payer {\n  name: String\n}\n", "")
    for element in ELEMENTS:
        text = text.replace(element, "")
    return text


async def breaking_changes(released: str, present: str, folder: Path, today: str = TODAY) -> dict[str, str]:
    """Return each element that the present contract breaks, and how."""
    files = [folder / "released.graphql", folder / "present.graphql"]
    for file, sdl in zip(files, (released, present), strict=True):
        file.write_text(sdl)
    changes: dict[str, str] = json.loads(await node.run_script("breaks.mjs", *map(str, files), today))
    return changes


async def test_current_contract_keeps_the_last_release(tmp_path: Path) -> None:
    today = datetime.now(UTC).date().isoformat()

    assert await breaking_changes(RELEASED, CLIENT, tmp_path, today) == {}, (
        "deprecate the element first, with its removal date; run `make release` only for a release"
    )


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [
        ("\n  paymentStates: ", "\n  paymentHistory: ", "Invoice.paymentStates"),
        ("\n  totalMin: Decimal", "\n  totalMin: Decimal!", "InvoiceFilter.totalMin"),
        ("\n  totalCloudBill: Money", "\n  totalCloudBill: Decimal", "ArcheraInvoiceDetails.totalCloudBill"),
    ],
)
async def test_breaking_change_is_detected(before: str, after: str, removed: str, tmp_path: Path) -> None:
    assert before in CLIENT
    assert set(await breaking_changes(RELEASED, CLIENT.replace(before, after), tmp_path)) == {removed}


@pytest.mark.parametrize("reason", ["Removed on 2026-11-23: use the other one", "Use the other one", "Removed soon: x"])
async def test_deprecated_element_stays_until_its_date(reason: str, tmp_path: Path) -> None:
    assert set(await breaking_changes(contract(reason), contract_without_elements(), tmp_path)) == REMOVED


async def test_deprecated_element_may_go_on_its_date(tmp_path: Path) -> None:
    released = contract("Removed on 2026-11-22: use the other one")

    assert await breaking_changes(released, contract_without_elements(), tmp_path) == {}
    assert await breaking_changes(released, contract(), tmp_path) == {}  # the element may also stay


async def test_other_elements_may_not_go_with_it(tmp_path: Path) -> None:
    released = contract("Removed on 2026-01-01: use the other one")

    present = contract_without_elements().replace("\n  pages: Int", "")
    assert set(await breaking_changes(released, present, tmp_path)) == {"Printed.pages"}
