"""Rows of the shares that projects have of an invoice."""

from typing import Any

import strawberry

from execution.columns import ColumnSet
from schema.project import Project, ProjectCharge, ProjectUsage
from schema.values import Money

from .base import ListContext, ListRow
from .columns import ColumnOf, never


class ProjectChargeRow(ListRow[ProjectCharge], is_base=True):
    """The row of a project's share. Its reference is the id of the project."""

    name: ColumnOf[str | None] = never
    cost: ColumnOf[Money | None]
    usage: ColumnOf[list[ProjectUsage] | None] = never

    @classmethod
    def _compile(cls) -> None:
        columns = {
            **cls._named("name", "cost", "usage"),
            "project": cls._project,
            "invoice": lambda _row, context: context.invoice,
            "index": lambda row, context: context.index_of(row),
        }
        cls._set_columns(ColumnSet(ProjectCharge, columns))

    @classmethod
    def _project(cls, row: Any, context: ListContext) -> Project | None:
        key, account_ref = cls.reference(row, context), context.account_ref
        if key is None:
            return None
        project_id = strawberry.ID(account_ref.project_id(key))
        return Project(id=project_id, name=cls.name(row, context), account_id=account_ref.id)
