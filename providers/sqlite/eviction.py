"""The bound of the file. Entries that expire soonest leave first: lists before invoices, baselines last."""

import sqlite3
from collections.abc import Callable, Sequence

Row = tuple[bytes, bytes, float]
EVICTED_PART = 16  # one part in so many of the file is freed at least, so that few writes have to free space
ENTRY_OVERHEAD = 100  # bytes that an entry takes besides its value, estimated
SPARE_PAGES = 64  # pages that a deletion may use beyond the bound


class Space:
    """The pages of an open database, at most `max_bytes` of them."""

    def __init__(self, connection: sqlite3.Connection, max_bytes: int) -> None:
        self._connection, self._max_bytes = connection, max_bytes

    def apply_bound(self) -> None:
        """Let SQLite refuse to grow the file beyond the bound. A file that is longer already is shortened."""
        excess = (self._bound_pages() - self._max_pages) * self._pragma("page_size")
        if excess > 0:
            self._evict(excess)
            self._connection.executescript("PRAGMA incremental_vacuum")  # `execute` would take one of its steps only
            self._pragma("wal_checkpoint(TRUNCATE)")
            self._bound_pages()

    def insert(self, rows: Sequence[Row], write: Callable[[sqlite3.Connection, Sequence[Row]], None]) -> None:
        """Write the rows. If the file is full, free space for them and write them again."""
        try:
            write(self._connection, rows)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            needed = sum(len(value) + ENTRY_OVERHEAD for _, value, _ in rows)
            self._evict(max(2 * needed, self._max_bytes // EVICTED_PART))
            write(self._connection, rows)

    @property
    def _max_pages(self) -> int:
        return max(SPARE_PAGES, self._max_bytes // self._pragma("page_size") - SPARE_PAGES)

    def _bound_pages(self, spare: int = 0) -> int:
        """Set the bound. Returns the bound in use, which is not below the present length."""
        return self._pragma(f"max_page_count = {self._max_pages + spare}")

    def _evict(self, needed: int) -> None:
        """Delete the entries that expire soonest, with so many bytes in sum."""
        query = "SELECT expires_at, rowid, length(value) FROM entries ORDER BY expires_at, rowid"
        freed, last = 0, (0.0, 0)
        for expires_at, rowid, length in self._connection.execute(query):
            freed, last = freed + length + ENTRY_OVERHEAD, (expires_at, rowid)
            if freed >= needed:
                break
        self._bound_pages(SPARE_PAGES)
        try:
            self._connection.execute("DELETE FROM entries WHERE (expires_at, rowid) <= (?, ?)", last)
        finally:
            self._bound_pages()

    def _pragma(self, text: str) -> int:
        (value, *_) = self._connection.execute(f"PRAGMA {text}").fetchone()
        return int(value)
