"""What a Palette invoice charges to each project. Pure: wire in, schema types out."""

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
from schema.values import money

from . import wire
from .products import CREDITS, PRODUCTS, by_product


def project_charges(
    status: wire.Status, owner: AccountRef, priced_in: CurrencyCode | None, parent: Invoice
) -> RowList[ProjectCharge] | None:
    """The shares in Palette's order; null where it has no list of them."""
    rows = fields.objects(status, "projects")
    if rows is None:
        return None
    shares = Shares(rows, owner, priced_in, parent)
    return RowList(_SHARE, lambda: (rows, shares))


class Shares:
    """What the shares of one invoice have in common."""

    def __init__(self, rows: list[Any], owner: AccountRef, currency: CurrencyCode | None, invoice: Invoice) -> None:
        self.rows, self.owner, self.currency, self.invoice = rows, owner, currency, invoice

    @cached_property
    def places(self) -> dict[int, int]:
        """By a row's identity."""
        return {id(row): place for place, row in enumerate(self.rows)}


def _project(row: wire.Project, shares: Shares) -> Project | None:
    uid = fields.text(row, "projectUid")
    if uid is None:
        return None
    owner = shares.owner
    return Project(id=strawberry.ID(owner.project(uid)), name=fields.text(row, "projectName"), account_id=owner.id)


def _usage(row: wire.Project, shares: Shares) -> list[ProjectUsage] | None:
    usage = by_product(row, "usage")
    return None if usage is None else [project_usage(used, key, shares.currency) for key, used in usage]


def project_usage(row: wire.ProjectProduct, key: str, priced_in: CurrencyCode | None) -> ProjectUsage:
    return ProjectUsage(
        product=PRODUCTS[key],
        cost=money(fields.number(row, "amount"), priced_in),
        unit_price=money(fields.number(row, "tierPrice"), priced_in),
        used=fields.quantity(row, "usedCredits", CREDITS),
    )


_SHARE = ColumnSet(
    ProjectCharge,
    {
        "project": _project,
        "name": TextColumn("projectName", fields.text),
        "invoice": lambda _, shares: shares.invoice,
        "cost": InlineColumn(
            itemgetter("amount"), lambda row, shares: money(fields.number(row, "amount"), shares.currency)
        ),
        "usage": _usage,
        "index": lambda row, shares: shares.places[id(row)],
    },
)
