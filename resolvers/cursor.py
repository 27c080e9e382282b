"""Cursors: an element's place by its own key, so that they hold no provider's token and survive new arrivals."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec

from schema.scalars import format_rfc3339

from .errors import BadUserInput

MAX_LENGTH = 4096
SortKey = tuple[Any, ...]


def encode(*key: object) -> str:
    """A cursor from the parts of a sort key: instants, texts, whole numbers."""
    parts = [format_rfc3339(part) if isinstance(part, datetime) else part for part in key]
    return urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode(cursor: str, *shape: type) -> SortKey:
    """The key in a cursor; refused unless it is, to the letter, one that `encode` gives for that shape."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = msgspec.json.decode(urlsafe_b64decode(padded), type=list[str | int]) if len(cursor) < MAX_LENGTH else []
        key = tuple(_part(part, kind) for part, kind in zip(parts, shape, strict=True))
        if encode(*key) == cursor:
            return key
    except (ValueError, OverflowError, msgspec.MsgspecError, RecursionError):
        pass
    raise BadUserInput("The cursor is not one that this graph gave for such a list.")


def _part(part: str | int, kind: type) -> object:
    if kind is datetime and isinstance(part, str):
        moment = datetime.fromisoformat(part)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not isinstance(part, kind):
        raise ValueError(kind)  # noqa: TRY004 (it is the caller's text that is wrong)
    return part
