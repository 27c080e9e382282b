"""Temporary files of bounded size. A file is complete before its first byte is sent."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from tempfile import SpooledTemporaryFile

from schema.coverage import FailureCode

from .errors import ExportError

MAX_BYTES_IN_MEMORY = 1_000_000  # of one file; a longer one is on the disk
CHUNK_BYTES = 65_536


class SpoolBudget:
    """The bytes that all files of a process may take, while they are made and while they are sent."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used = 0

    @contextmanager
    def open(self) -> Iterator["Spool"]:
        """Open an empty file. It is deleted, and its bytes are given back, at the end."""
        spool = Spool(self)
        try:
            yield spool
        finally:
            spool.close()


class Spool:
    """A temporary file that is written once and then read, and the digest of its bytes."""

    def __init__(self, budget: SpoolBudget) -> None:
        self._budget, self._hash = budget, sha256()
        self._file = SpooledTemporaryFile(MAX_BYTES_IN_MEMORY)  # noqa: SIM115 (closed by `close`)
        self.size = 0

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, data: bytes) -> int:
        """Append. Raises ExportError if all files together are too long.

        Ignores what comes after `close`: a writer that failed still writes its end when it is freed.
        """
        if self._file.closed:
            return len(data)
        budget = self._budget
        if budget.used + len(data) > budget.max_bytes:
            raise self._too_long(self.size + len(data))
        budget.used += len(data)
        self.size += len(data)
        self._hash.update(data)
        return self._file.write(data)

    def _too_long(self, size: int) -> ExportError:
        megabytes = self._budget.max_bytes // 1_000_000
        if size > self._budget.max_bytes:
            return ExportError(f"The file would be longer than {megabytes:,} MB. Request a shorter period.", 413)
        message = f"Other files take most of the {megabytes:,} MB that files may have here. Retry in a moment."
        return ExportError(message, 503, FailureCode.UNAVAILABLE.name)

    def flush(self) -> None:
        """Do nothing: the file is read by this object only."""

    def tell(self) -> int:
        return self.size

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal digits."""
        return self._hash.hexdigest()

    @property
    def repr_digest(self) -> str:
        """The value of the header field Repr-Digest (RFC 9530)."""
        return f"sha-256=:{base64.b64encode(self._hash.digest()).decode()}:"

    def chunks(self) -> Iterator[bytes]:
        """Yield the whole file, from its start."""
        self._file.seek(0)
        while chunk := self._file.read(CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._budget.used -= self.size
