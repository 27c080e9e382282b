"""The parts of an answer that is delivered incrementally, in the formats that clients read."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, InitialIncrementalExecutionResult, SubsequentIncrementalExecutionResult

from resolvers.request import RequestContext

from .errors import present
from .response import Members, covered


def payload(
    part: InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult,
    context: RequestContext,
    request_id: str,
) -> Members:
    """A part as it goes out; the last one says whom the whole answer asked."""
    members: Members = dict(part.formatted)
    _present(members, part.errors if isinstance(part, InitialIncrementalExecutionResult) else None, request_id)
    for name in ("incremental", "completed"):
        for shown, result in zip(members.get(name, ()), getattr(part, name, None) or (), strict=True):
            _present(shown, result.errors, request_id)
    return members if part.has_next else members | covered(context.ledger)


def _present(members: Members, errors: list[GraphQLError] | None, request_id: str) -> None:
    if errors:
        members["errors"] = [present(error, request_id) for error in errors]


class Format20220824:
    """The older format, which Apollo Client asks for by `deferSpec=20220824`: each part names its own path."""

    def __init__(self) -> None:
        self._pending: dict[str, Members] = {}
        self._items: dict[str, int] = {}  # of each streamed list, how many have been sent

    def __call__(self, members: Members) -> Members:
        for pending in members.pop("pending", ()):
            self._pending[pending["id"]] = pending
            self._items[pending["id"]] = self._sent(members, pending["path"])
        failed = [done for done in members.pop("completed", ()) if "errors" in done]
        parts = [self._part(part) for part in members.pop("incremental", ())]
        parts += [self._labelled(done["id"], {"data": None, "errors": done["errors"]}) for done in failed]
        return members | ({"incremental": parts} if parts else {})

    def _part(self, part: Members) -> Members:
        shown = {name: value for name, value in part.items() if name not in {"id", "subPath"}}
        labelled = self._labelled(part["id"], shown)
        if "items" in part:
            labelled["path"] = [*labelled["path"], self._items[part["id"]]]
            self._items[part["id"]] += len(part["items"])
        labelled["path"] += part.get("subPath", ())
        return labelled

    def _labelled(self, name: str, shown: Members) -> Members:
        pending = self._pending[name]
        label = {"label": pending["label"]} if "label" in pending else {}
        return {**shown, "path": list(pending["path"]), **label}

    @staticmethod
    def _sent(members: Members, path: list[str | int]) -> int:
        """How many items of a list the part that announces its stream holds itself."""
        found: Any = members.get("data") or {}
        with suppress(KeyError, TypeError):  # it stands in another part
            for key in path:
                found = found[key]
        return len(found) if isinstance(found, list) else 0


def written_for(accept: str) -> Callable[[Members], Members]:
    """The format that a caller asks for in what it accepts; the current one where it names none."""
    return Format20220824() if "deferspec=20220824" in accept.lower() else dict
