"""Answers that stand as long as all that they are made of is fresh, kept as they are written."""

from collections import OrderedDict
from dataclasses import dataclass, field

import orjson

from providers.cache.dependencies import Uses

from .request import Operation
from .response import Answer, Key

_ENTRY = 2_000  # bytes that an entry takes besides what is written, roughly
_PACKED = 1.5  # times what an answer takes, with its packed copies


@dataclass(slots=True)
class _Kept:
    answer: Answer
    made_of: Uses
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = int(_PACKED * len(self.answer.written())) + _ENTRY + length_of(self.answer.key or ())


def key_of(text: str, operation: Operation) -> Key | None:
    """What an answer depends on besides the accounts; null where its variables cannot be compared.

    The document's text, and not what was made of it, which takes a hundred times as much.
    """
    try:
        variables = orjson.dumps(operation.variables, option=orjson.OPT_SORT_KEYS) if operation.variables else b""
    except orjson.JSONEncodeError:  # a number beyond 64 bits, or a lone surrogate
        return None
    return text, operation.operation_name, variables


def length_of(key: Key) -> int:
    """Of its texts."""
    return sum(len(part) for part in key if isinstance(part, (str, bytes)))


class Answers:
    """Of the accounts in use; bounded in bytes, the least recently used leaves first."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Key | None) -> Answer | None:
        kept = None if key is None else self._kept.get(key)
        if kept is None or key is None:
            return None
        if not kept.made_of.stand:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def keep(self, key: Key | None, answer: Answer, made_of: Uses) -> Answer:
        """The answer, kept if it is whole: without errors, with all of its accounts, and made of what is remembered."""
        whole = answer.ledger is not None and answer.ledger.whole
        if key is None or not self.most_bytes or not (whole and made_of.whole and made_of.stand):
            return answer
        self._forget(key)
        kept = self._kept[key] = _Kept(answer.kept(key), made_of)
        self._bytes += kept.size
        while self._bytes > self.most_bytes:
            self._forget(next(iter(self._kept)))
        return kept.answer

    def _forget(self, key: Key) -> None:
        if kept := self._kept.pop(key, None):
            self._bytes -= kept.size
