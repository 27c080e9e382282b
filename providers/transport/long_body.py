"""Long JSON bodies: they are decoded in steps, so that other tasks can run in between."""

import asyncio
from typing import Any

import msgspec

from providers.account import AccountRef
from providers.errors import Unintelligible

from . import json_body

MAX_VALUES = 1_000_000  # of a body; commas and brackets inside its texts count too
LONG_BODY = 256 * 1024  # bytes; decoding a shorter body holds up the event loop for a few milliseconds
MAX_SPLITS = 4  # levels at which a body is split: an object, its list, an element of that, and a list in there
_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def decode(body: bytes, account_ref: AccountRef) -> Any:
    """Return what `json_body.decode` returns, and let other tasks run while a long body is decoded.

    Raises Unintelligible if the body cannot be decoded, or has more than MAX_VALUES values.
    """
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MAX_VALUES:
        raise Unintelligible(account_ref, f"it has more than {MAX_VALUES:,} values")
    return await LongBody(account_ref).decode(body, 0)


class LongBody:
    """A body while it is decoded."""

    def __init__(self, account_ref: AccountRef) -> None:
        self._account_ref = account_ref

    async def decode(self, json: bytes, level: int) -> Any:
        """Decode a part of the body, which is nested in `level` objects and lists."""
        bracket = json[:LONG_BODY].lstrip()[:1]
        if len(json) <= LONG_BODY or level == MAX_SPLITS or bracket not in {b"[", b"{"}:
            return self._decode_now(json, level)
        try:
            parts = (_list_decoder if bracket == b"[" else _object_decoder).decode(json)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            raise Unintelligible(self._account_ref, "it is not JSON") from None
        await asyncio.sleep(0)
        if isinstance(parts, list):
            return await self._decode_all(parts, level + 1)
        return dict(zip(parts, await self._decode_all(list(parts.values()), level + 1), strict=True))

    async def _decode_all(self, parts: list[msgspec.Raw], level: int) -> list[Any]:
        """Decode the parts of a list. Short ones are decoded together, which is faster."""
        values: list[Any] = []
        group: list[msgspec.Raw] = []
        size = 0
        for part in parts:
            length = len(memoryview(part))
            if size + length > LONG_BODY:
                values += await self._decode_group(group, level)
                group, size = [], 0
            if length > LONG_BODY:
                values.append(await self.decode(bytes(part), level))
            else:
                group.append(part)
                size += length
        return values + await self._decode_group(group, level)

    async def _decode_group(self, group: list[msgspec.Raw], level: int) -> list[Any]:
        await asyncio.sleep(0)
        values: list[Any] = self._decode_now(b"[%b]" % b",".join(group), level - 1)
        return values

    def _decode_now(self, json: bytes, level: int) -> Any:
        return json_body.decode(json, self._account_ref, outer_levels=level)
