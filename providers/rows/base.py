"""Base classes of rows. They check a declaration when its module is imported."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from execution.columns import ColumnSet
from execution.rows import RowList
from providers import ids
from schema.invoice import Invoice

from .columns import ColumnOf, InvoiceContext, fact_of, never
from .details import DeclarationError

T = TypeVar("T")


class Row:
    """Base class of all rows. `columns` are for the object that the row describes."""

    columns: ClassVar[ColumnSet[Any]]
    _declarable: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, is_base: bool = False) -> None:
        """Check and compile the declarations. Those of a base class say what others can declare."""
        super().__init_subclass__()
        if is_base:
            cls._declarable |= {name for name in cls.__annotations__ if not name.startswith("_")}
            return
        names = ", ".join(sorted(cls._declarable))
        if unknown := sorted(name for name in vars(cls) if not name.startswith("_") and name not in cls._declarable):
            raise DeclarationError(cls, f"declares {unknown[0]!r}, which is none of {names}")
        if missing := sorted(name for name in cls._declarable if not hasattr(cls, name)):
            raise DeclarationError(cls, f"does not declare {missing[0]!r}")
        cls._compile()

    @classmethod
    def _compile(cls) -> None:
        """Compile the declarations of a row into `columns`. Each base class of rows implements this."""
        raise NotImplementedError

    @classmethod
    def _named(cls, *names: str) -> dict[str, ColumnOf[Any]]:
        """Return the columns of these attributes. Raises DeclarationError if one is no function."""
        columns = {name: getattr(cls, name) for name in names}
        for name, column in columns.items():
            if not callable(column):
                raise DeclarationError(cls, f"declares {name!r}, but not as a column")
        return columns


class ListContext(InvoiceContext):
    """What all rows of one list share: the second argument of their columns. The index of a row identifies it."""

    def __init__(
        self,
        row_class: Any,
        rows: Sequence[Any],
        invoice_context: InvoiceContext,
        invoice: Invoice | None = None,
        labels: Sequence[str] = (),
    ) -> None:
        self.account_ref, self.provider_key = invoice_context.account_ref, invoice_context.provider_key
        self.currency = invoice_context.currency
        self.row_class, self.rows, self.invoice, self._labels = row_class, rows, invoice, labels

    @cached_property
    def invoice_id(self) -> str:
        return self.invoice.id if self.invoice else self.account_ref.invoice_id(self.provider_key)

    @cached_property
    def indexes(self) -> dict[int, int]:
        """The index of each row by its identity, which is unique because this object holds the rows.

        Generated code calls a column with a row, and not with its index.
        """
        return {id(row): index for index, row in enumerate(self.rows)}

    def index_of(self, row: Any) -> int:
        return self.indexes[id(row)]

    def label_of(self, row: Any) -> str:
        """Return the key under which the provider's object holds the row. It must not hold the rows in a list."""
        return self._labels[self.index_of(row)]


class ListRow(Row, Generic[T], is_base=True):
    """Base class of rows that an invoice holds in a list, or in an object under their labels."""

    reference: ColumnOf[str | None] = never  # the id at the provider
    digest: tuple[str, ...] = ()  # names of the columns that identify a row without a reference

    _context_type: ClassVar[type[ListContext]] = ListContext
    _facts: ClassVar[tuple[tuple[str | None, ColumnOf[Any]], ...]]

    @classmethod
    def context(
        cls,
        rows: Sequence[Any],
        invoice_context: InvoiceContext,
        invoice: Invoice | None = None,
        labels: Sequence[str] = (),
    ) -> ListContext:
        """Return the context of these rows. `labels` are the keys of an object whose values are the rows."""
        return cls._context_type(cls, rows, invoice_context, invoice, labels)

    @classmethod
    def read(cls, context: ListContext) -> Sequence[T]:
        """Return the objects of the rows. Each is created when it is read."""
        return RowList(cls.columns, lambda: (context.rows, context))

    @classmethod
    def digest_of(cls, row: Any, context: ListContext) -> str:
        """Return a digest that depends neither on the spelling of keys nor on how numbers are padded."""
        facts = []
        for key, column in cls._facts:
            value = row.get(key) if key else None
            if value.__class__ is not str or not value or value.isspace():
                value = column(row, context)
            facts.append(value)
        return ids.digest_id(facts)

    @classmethod
    def _set_columns(cls, columns: ColumnSet[Any], more: ColumnSet[Any] | None = None) -> None:
        """Set the columns. `more` are further columns that the digest can name."""
        by_name = {**(more.columns if more else {}), **columns.columns}
        if unknown := sorted(set(cls.digest) - by_name.keys()):
            raise DeclarationError(cls, f"has no column {unknown[0]!r} for its digest")
        cls.columns, cls._facts = columns, tuple(fact_of(by_name[name]) for name in cls.digest)
