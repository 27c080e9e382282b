"""The database of the store: blocking calls, for one thread at a time. It opens at the first call."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, TypeVar

from .eviction import Space
from .file import Identity, StoreFile

T = TypeVar("T")
FORMAT = 1  # of the table and of the values; a file with another one is set aside
BUSY_TIMEOUT = 1.0  # seconds for which a transaction waits for that of another process
MAX_VALUE_BYTES = 64 * 1024 * 1024  # a longer value in the file counts as damage of that value only
MAX_EXPIRED = 200  # expired entries that a write removes
_SCHEMA = (
    "CREATE TABLE entries (id BLOB PRIMARY KEY, value BLOB NOT NULL, expires_at REAL NOT NULL) STRICT",
    "CREATE INDEX entries_by_expiry ON entries (expires_at)",
)
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_IOERR_SHORT_READ}


class Value(NamedTuple):
    """A value to write, and when it expires, in seconds since 1970."""

    content: bytes
    expires_at: float


class OtherFormatError(sqlite3.DatabaseError):
    """The file belongs to another version, or to another program."""


class Database:
    """The entries in the file. A file that is damaged or has another format is set aside, and a new one is used.

    Raises OSError or sqlite3.Error if the file cannot be used.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._file, self._max_bytes = StoreFile(path), max_bytes
        self._connection: sqlite3.Connection | None = None
        self._identity: Identity | None = None  # of the file that is open, or was opened last

    def read(self, names: Sequence[str]) -> list[bytes | None]:
        """Return the values that have not expired. None: there is none."""
        return self._run(lambda connection: [_read(connection, name) for name in names])

    def write(self, values: Mapping[str, Value]) -> None:
        """Write all values, or none if it raises. When it returns, they outlive the process."""
        self._run(lambda connection: Space(connection, self._max_bytes).insert(_rows(values), self._write))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run the work. If the file turns out to be unusable, replace it and run the work again, once."""
        try:
            return work(self._open())
        except (sqlite3.Error, OSError) as error:
            self.close()
            if not self._replace_file(error):
                raise
        try:
            return work(self._open())
        except (sqlite3.Error, OSError):
            self.close()
            raise

    def _replace_file(self, error: Exception) -> bool:
        """Set an unusable file aside. Returns False if the file is not the cause of the error."""
        code = getattr(error, "sqlite_errorcode", 0)
        is_damaged = code in _DAMAGE or code & 0xFF in _DAMAGE  # the primary code is the lowest byte
        if self._identity is None or not (is_damaged or isinstance(error, OtherFormatError)):
            return False
        with self._file.locked():
            self._file.set_aside(self._identity, "is damaged" if is_damaged else "is of another version")
        return True

    def _open(self) -> sqlite3.Connection:
        """Return the connection to the file at the path. Another process may have replaced the file."""
        if self._connection is not None and self._file.identity() != self._identity:
            self.close()
        if self._connection is None:
            with self._file.locked():
                self._identity = self._file.prepare()
                self._connection = sqlite3.connect(
                    self._file.uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
                )
                _configure(self._connection)
                Space(self._connection, self._max_bytes).apply_bound()
        return self._connection

    @staticmethod
    def _write(connection: sqlite3.Connection, rows: Sequence[tuple[bytes, bytes, float]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(
                "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE expires_at <= ? LIMIT ?)",
                (time.time(), MAX_EXPIRED),
            )
            connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _configure(connection: sqlite3.Connection) -> None:
    """Prepare the connection, and create the table in a new file. Raises OtherFormatError if it has another one."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")  # the file may be written by another program
    connection.execute("PRAGMA cell_size_check = ON")
    schema = tuple(row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not schema and not version:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    elif (version, schema) != (FORMAT, _SCHEMA):
        raise OtherFormatError
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power failure may lose the last commits, a kill does not
    connection.execute("PRAGMA journal_size_limit = 4194304")
    if not schema:
        connection.executescript(f"BEGIN; {'; '.join(_SCHEMA)}; PRAGMA user_version = {FORMAT}; COMMIT")


def _id(name: str) -> bytes:
    """Return the key of an entry: short, and without the addresses that a name contains."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _rows(values: Mapping[str, Value]) -> list[tuple[bytes, bytes, float]]:
    return [(_id(name), value.content, value.expires_at) for name, value in values.items()]


def _read(connection: sqlite3.Connection, name: str) -> bytes | None:
    query = "SELECT value FROM entries WHERE id = ? AND expires_at > ?"
    try:
        row = connection.execute(query, (_id(name), time.time())).fetchone()
    except sqlite3.DataError:  # longer than MAX_VALUE_BYTES
        return None
    return row[0] if row and isinstance(row[0], bytes) else None
