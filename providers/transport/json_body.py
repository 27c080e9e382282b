"""JSON bodies of responses: how they are decoded, and which of them may be serialized without that."""

import json
import re
from typing import Any

import msgspec

from providers.account import AccountRef
from providers.errors import Unintelligible

MAX_DEPTH = 200  # nested objects and lists of a body, so that no code that walks or serializes it exhausts the stack
_decoder = msgspec.json.Decoder(float_hook=str.strip)  # returns the digits unchanged, as `str` does, but is faster
_negative_zero = re.compile(rb"-0(?![0-9A-Za-z.])(?<![0-9A-Za-z]-0)")  # not the one in a UUID
_CONTAINERS = {dict, list}
_SHORT_BODY = 64 * 1024  # bytes; copying a body of this length takes negligible time
_SAMPLE_STEP = 1_000  # bytes; Python cannot decode an integer of more than 4,300 digits
_long_integer = re.compile(rb"[0-9]{4}")


def decode(body: bytes, account_ref: AccountRef, outer_levels: int = 0) -> Any:
    """Return the decoded JSON. Floats are the text of their digits. Raises Unintelligible if it cannot be decoded.

    `outer_levels` is the number of objects and lists around a part of a body.
    """
    try:
        decoded = _decoder.decode(body)
        # msgspec drops the sign of -0, which the field raw must show. json keeps it, but accepts more than JSON, so
        # msgspec decodes first.
        if b"-0" in body and _negative_zero.search(body):
            decoded = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise Unintelligible(account_ref, "it is not JSON") from None
    max_depth = MAX_DEPTH - outer_levels
    if (len(body) > _SHORT_BODY or _count_containers(body) > max_depth) and _is_too_deep(decoded, max_depth):
        raise Unintelligible(account_ref, "it is nested too deeply")
    return decoded


def is_decodable(body: bytes, known_containers: int) -> bool:
    """Whether `decode` surely accepts a body of valid JSON. False if only decoding can tell.

    `known_containers`: how many objects and lists of the body are known not to contain the others.
    """
    # An integer of 4,300 digits covers four samples in a row.
    if _long_integer.search(body[::_SAMPLE_STEP]):
        return False
    return len(body) <= _SHORT_BODY and _count_containers(body) - known_containers <= MAX_DEPTH


def estimate_memory(body: bytes) -> int:
    """Return an estimate, rather too high, of the bytes that the decoded JSON takes.

    Each value follows a comma, or opens its list or object.
    """
    return estimate_memory_of(len(body), body.count(b","), body.count(b"{"), body.count(b"["))


def estimate_memory_of(length: int, commas: int, objects: int, lists: int) -> int:
    """Return what `estimate_memory` returns for a body of this length, with so many commas and opening brackets."""
    return length + 60 * commas + 240 * objects + 120 * lists


def _count_containers(body: bytes) -> int:
    """Return how many objects and lists a body has, or more if its texts contain brackets."""
    return 2 * len(body) - len(body.replace(b"{", b"")) - len(body.replace(b"[", b""))


def _is_too_deep(value: object, max_depth: int) -> bool:
    """Whether objects and lists are nested deeper than `max_depth`."""
    level: list[Any] = [[value]]
    for _ in range(max_depth + 1):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True
