"""The pages of a provider's list, one after the other."""

from collections.abc import AsyncIterator, Awaitable, Callable

from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.source import InvoicePage

MAX_PAGES = 1_000  # of one list


class EndlessList(Unintelligible):
    """A provider's list that does not end."""


async def iterate_pages(
    account_ref: AccountRef, load: Callable[[str | None], Awaitable[InvoicePage]]
) -> AsyncIterator[InvoicePage]:
    """Yield each page. `load` takes a page's cursor.

    Raises ProviderError if a page cannot be loaded. Raises EndlessList if the list does not end.
    """
    cursor: str | None = None
    cursors: set[str] = set()
    for _ in range(MAX_PAGES):
        page = await load(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
        if cursor in cursors:
            raise EndlessList(account_ref, "its list returned the same cursor twice")
        cursors.add(cursor)
    raise EndlessList(account_ref, f"its list has more than {MAX_PAGES} pages")
