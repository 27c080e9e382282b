"""Translation of the charges by project of a Palette invoice. Pure: no I/O."""

from functools import cached_property
from operator import itemgetter
from typing import Any

import strawberry

from execution.columns import ColumnSet, InlineColumn, TextColumn
from execution.rows import RowList
from providers import fields
from providers.account import AccountRef
from schema.invoice import Invoice
from schema.project import Project, ProjectCharge, ProjectUsage
from schema.scalars import CurrencyCode
from schema.values import money_or_none

from . import wire
from .products import CREDITS, PRODUCTS, product_rows


def project_charges(
    status: wire.Status, account_ref: AccountRef, currency: CurrencyCode | None, parent: Invoice
) -> RowList[ProjectCharge] | None:
    """Return the charges in Palette's order. Returns None if the status has no list of projects."""
    rows = fields.objects(status, "projects")
    if rows is None:
        return None
    context = ChargeContext(rows, account_ref, currency, parent)
    return RowList(_CHARGE, lambda: (rows, context))


class ChargeContext:
    """What all charges of one invoice share: the second argument of every charge column."""

    def __init__(
        self, rows: list[Any], account_ref: AccountRef, currency: CurrencyCode | None, invoice: Invoice
    ) -> None:
        self.rows, self.account_ref, self.currency, self.invoice = rows, account_ref, currency, invoice

    @cached_property
    def indexes(self) -> dict[int, int]:
        """The index of each charge by the identity of its row."""
        return {id(row): index for index, row in enumerate(self.rows)}


def _project(row: wire.Project, context: ChargeContext) -> Project | None:
    uid = fields.text(row, "projectUid")
    if uid is None:
        return None
    account_ref = context.account_ref
    project_id = strawberry.ID(account_ref.project_id(uid))
    return Project(id=project_id, name=fields.text(row, "projectName"), account_id=account_ref.id)


def _usage(row: wire.Project, context: ChargeContext) -> list[ProjectUsage] | None:
    products = product_rows(row, "usage")
    return None if products is None else [project_usage(usage, key, context.currency) for key, usage in products]


def project_usage(row: wire.ProjectProduct, key: str, currency: CurrencyCode | None) -> ProjectUsage:
    return ProjectUsage(
        product=PRODUCTS[key],
        cost=money_or_none(fields.number(row, "amount"), currency),
        unit_price=money_or_none(fields.number(row, "tierPrice"), currency),
        used=fields.quantity(row, "usedCredits", CREDITS),
    )


_CHARGE = ColumnSet(
    ProjectCharge,
    {
        "project": _project,
        "name": TextColumn("projectName", fields.text),
        "invoice": lambda _row, context: context.invoice,
        "cost": InlineColumn(
            itemgetter("amount"), lambda row, context: money_or_none(fields.number(row, "amount"), context.currency)
        ),
        "usage": _usage,
        "index": lambda row, context: context.indexes[id(row)],
    },
)
