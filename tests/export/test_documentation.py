"""docs/export.md names every column, parameter and file."""

from pathlib import Path

from resolvers.focus.datasets import INVOICES, LINES
from schema.focus_columns import INVOICE_DETAIL
from server.export.parameters import file_names

DOCUMENTED = (Path(__file__).parents[2] / "docs/export.md").read_text()


def test_each_column_of_invoice_detail_is_documented() -> None:
    assert [column.name for column in INVOICE_DETAIL if f"`{column.name}`" not in DOCUMENTED] == []


def test_our_own_columns_are_documented_in_order() -> None:
    for dataset in (INVOICES, LINES):
        names = [f"`{column.name}`" for column in dataset.sources([])]
        text = DOCUMENTED.partition(f"\n`{dataset.name}`: ")[2].partition(".\n")[0].replace("\n", " ")
        listed = [name for name in text.replace("the first ten of these, then ", "").split(", ") if name]

        assert listed == names[-len(listed) :]
        assert len(names) - len(listed) in {0, 10}


def test_each_file_is_documented() -> None:
    assert [name for name in file_names() if f"`/export/{name}`" not in DOCUMENTED] == []
