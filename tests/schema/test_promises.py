"""What a released contract promised is kept, until the day on which a deprecation lets it go."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import node

from .test_contract import CLIENT, FOLDER

RELEASED = (FOLDER / "released.graphql").read_text()
TODAY = "2026-11-22"
SMALL = """
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
LOST = {"Query.bill.draft", "Bill.payer", "Payer", "State.SHUT"}


def small(reason: str = "") -> str:
    """A contract, some elements of which may be deprecated."""
    return SMALL.replace("%", f' @deprecated(reason: "{reason}")' if reason else "")


def without_them() -> str:
    """It without those elements, and without the type that only they name."""
    text = small().replace("type Payer {\n  name: String\n}\n", "")
    for element in ELEMENTS:
        text = text.replace(element, "")
    return text


async def broken(released: str, present: str, folder: Path, today: str = TODAY) -> dict[str, str]:
    """What of a released contract the present one does not keep: each element, and how."""
    files = [folder / "released.graphql", folder / "present.graphql"]
    for file, sdl in zip(files, (released, present), strict=True):
        file.write_text(sdl)
    found: dict[str, str] = json.loads(await node.run("breaks.mjs", *map(str, files), today))
    return found


async def test_what_the_last_release_promised_is_kept(tmp_path: Path) -> None:
    today = datetime.now(UTC).date().isoformat()

    assert await broken(RELEASED, CLIENT, tmp_path, today) == {}, (
        "deprecate it first, with the day on which it may go; `make release` only with a release"
    )


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("\n  paymentStates: ", "\n  paymentHistory: ", "Invoice.paymentStates"),
        ("\n  totalMin: Decimal", "\n  totalMin: Decimal!", "InvoiceFilter.totalMin"),
        ("\n  totalCloudBill: Money", "\n  totalCloudBill: Decimal", "ArcheraInvoiceDetails.totalCloudBill"),
    ],
)
async def test_a_change_that_breaks_clients_is_found(before: str, after: str, lost: str, tmp_path: Path) -> None:
    assert before in CLIENT
    assert set(await broken(RELEASED, CLIENT.replace(before, after), tmp_path)) == {lost}


@pytest.mark.parametrize("reason", ["Removed on 2026-11-23: use the other one", "Use the other one", "Removed soon: x"])
async def test_what_is_deprecated_stays_until_its_day(reason: str, tmp_path: Path) -> None:
    assert set(await broken(small(reason), without_them(), tmp_path)) == LOST


async def test_what_is_deprecated_may_go_on_its_day_and_with_it_what_only_it_named(tmp_path: Path) -> None:
    released = small("Removed on 2026-11-22: use the other one")

    assert await broken(released, without_them(), tmp_path) == {}
    assert await broken(released, small(), tmp_path) == {}  # it may also stay


async def test_nothing_else_goes_with_what_is_deprecated(tmp_path: Path) -> None:
    released = small("Removed on 2026-01-01: use the other one")

    present = without_them().replace("\n  pages: Int", "")
    assert set(await broken(released, present, tmp_path)) == {"Printed.pages"}
