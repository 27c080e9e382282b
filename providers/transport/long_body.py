"""Long JSON bodies: they are decoded in steps, so that other tasks can run in between."""

from collections.abc import Sequence
from typing import Any

import msgspec

from execution.turns import Work
from providers.account import AccountRef
from providers.errors import Unintelligible
from schema.invoice import ReceivedBody

from . import json_body

MAX_VALUES = 1_000_000  # of a body; commas and brackets inside its texts count too
LONG_BODY = 128 * 1024  # bytes; decoding a shorter body holds up the event loop for a few milliseconds
STEP = 64 * 1024  # bytes that are decoded in one step
MAX_SPLITS = 4  # levels at which a body is split: an object, its list, an element of that, and a list in there
MAX_ROWS = 2_000  # of a list that `rows_at` names
# Decodes a list, and skips what follows one row more than MAX_ROWS. A row that is missing is None.
_rows_decoder = msgspec.json.Decoder(
    msgspec.defstruct("Rows", [(f"row_{number}", msgspec.Raw, None) for number in range(MAX_ROWS + 1)], array_like=True)
)
_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


class LongBody:
    """A body while it is decoded. Raises Unintelligible if it cannot be decoded, or has more than MAX_VALUES values."""

    def __init__(self, body: bytes, account_ref: AccountRef, work: Work) -> None:
        self._body, self._account_ref, self._work = body, account_ref, work

    async def measure(self) -> ReceivedBody:
        """Return facts about the exact bytes."""
        hashes: list[int] = []
        commas = objects = lists = 0
        for start in range(0, len(self._body), STEP):
            part = self._body[start : start + STEP]
            hashes.append(hash(part))
            commas, objects, lists = commas + part.count(b","), objects + part.count(b"{"), lists + part.count(b"[")
            await self._work.pause()
        if commas + objects + lists > MAX_VALUES:
            raise Unintelligible(self._account_ref, f"it has more than {MAX_VALUES:,} values")
        memory = json_body.estimate_memory_of(len(self._body), commas, objects, lists)
        return ReceivedBody(hash(tuple(hashes)), memory)

    async def decode(self, rows_at: Sequence[str] | None = None) -> Any:
        """Return what `json_body.decode` returns.

        `rows_at`: the keys of a list in the body, which is returned as LongRows: all rows, or MAX_ROWS + 1 of more.
        None: there is no such list.
        """
        return await self._decode(self._body, 0, rows_at)

    async def _decode(self, json: bytes, level: int, rows_at: Sequence[str] | None = None) -> Any:
        """Decode a part of the body, which is nested in `level` objects and lists."""
        bracket = json[:STEP].lstrip()[:1]
        if len(json) <= STEP or level == MAX_SPLITS or bracket not in {b"[", b"{"}:
            return self._decode_now(json, level)
        try:
            parts = _split(json, bracket, is_of_rows=rows_at == ())
        except (ValueError, RecursionError, msgspec.MsgspecError):
            raise Unintelligible(self._account_ref, "it is not JSON") from None
        await self._work.pause()
        if isinstance(parts, list):
            return await self._decode_all(parts, level + 1) if rows_at != () else LongRows(self, parts, level + 1)
        rows = {}
        if rows_at and rows_at[0] in parts:
            name = rows_at[0]
            rows[name] = await self._decode(bytes(parts[name]), level + 1, tuple(rows_at[1:]))
            parts[name] = msgspec.Raw(b"null")
        return dict(zip(parts, await self._decode_all(list(parts.values()), level + 1), strict=True)) | rows

    async def _decode_all(self, parts: list[msgspec.Raw], level: int) -> list[Any]:
        """Decode the parts of a list. Short ones are decoded together, which is faster."""
        values: list[Any] = []
        group: list[msgspec.Raw] = []
        size = 0
        for part in parts:
            length = len(memoryview(part))
            if size + length > STEP:
                values += await self._decode_group(group, level)
                group, size = [], 0
            if length > STEP:
                values.append(await self.decode_part(part, level))
            else:
                group.append(part)
                size += length
        return values + await self._decode_group(group, level)

    async def _decode_group(self, group: list[msgspec.Raw], level: int) -> list[Any]:
        await self._work.pause()
        values: list[Any] = self._decode_now(b"[%b]" % b",".join(group), level - 1)
        return values

    async def decode_part(self, part: msgspec.Raw, level: int) -> Any:
        """Decode a part that is nested in `level` objects and lists."""
        return await self._decode(bytes(part), level)

    def _decode_now(self, json: bytes, level: int) -> Any:
        return json_body.decode(json, self._account_ref, outer_levels=level)


def _split(json: bytes, bracket: bytes, *, is_of_rows: bool) -> list[msgspec.Raw] | dict[str, msgspec.Raw]:
    """Return the parts of a list or an object: all, or of a list of rows at most MAX_ROWS + 1."""
    if bracket == b"{":
        return _object_decoder.decode(json)
    if not is_of_rows:
        return _list_decoder.decode(json)
    return [row for row in msgspec.structs.astuple(_rows_decoder.decode(json)) if row is not None]


class LongRows:
    """A list of a long body, whose rows are decoded one by one: a dropped one leaves its memory to the next."""

    def __init__(self, body: LongBody, rows: list[msgspec.Raw], level: int) -> None:
        self._body, self._rows, self._level = body, rows, level

    def __len__(self) -> int:
        return len(self._rows)

    async def decode(self, index: int) -> Any:
        """Return a row. Raises Unintelligible if it cannot be decoded."""
        return await self._body.decode_part(self._rows[index], self._level)
