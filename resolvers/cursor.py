"""Cursors: the sort key of an element, encoded. They hold no provider's token and stay valid when elements arrive."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec

from schema.scalars import format_rfc3339

from .errors import BadUserInput

MAX_LENGTH = 4096  # characters of a cursor
SortKey = tuple[Any, ...]


def encode(*key: object) -> str:
    """Return a cursor for the parts of a sort key: instants, strings and integers."""
    parts = [format_rfc3339(part) if isinstance(part, datetime) else part for part in key]
    return urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode(cursor: str, *shape: type) -> SortKey:
    """Return the sort key in a cursor, whose parts have the types in `shape`.

    Raises BadUserInput if the cursor is not exactly the text that `encode` returns for a key of that shape.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = msgspec.json.decode(urlsafe_b64decode(padded), type=list[str | int]) if len(cursor) < MAX_LENGTH else []
        key = tuple(_decode_part(part, kind) for part, kind in zip(parts, shape, strict=True))
        if encode(*key) == cursor:
            return key
    except (ValueError, OverflowError, msgspec.MsgspecError, RecursionError):
        pass
    raise BadUserInput(
        "The cursor is not valid for this list. Pass a cursor that this service returned for the same kind of list."
    )


def _decode_part(part: str | int, kind: type) -> object:
    if kind is datetime and isinstance(part, str):
        moment = datetime.fromisoformat(part)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not isinstance(part, kind):
        raise ValueError(kind)  # noqa: TRY004 (the caller's text is wrong, not a type in this program)
    return part
