"""The parts of an answer that is delivered incrementally, in the formats that clients read."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, InitialIncrementalExecutionResult, SubsequentIncrementalExecutionResult

from resolvers.request import RequestContext

from .errors import format_error
from .response import JsonObject, coverage_extension


def payload(
    part: InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult,
    context: RequestContext,
    request_id: str,
) -> JsonObject:
    """A part as it goes out; the last one says whom the whole answer asked."""
    members: JsonObject = dict(part.formatted)
    _format_errors(members, part.errors if isinstance(part, InitialIncrementalExecutionResult) else None, request_id)
    for name in ("incremental", "completed"):
        for shown, result in zip(members.get(name, ()), getattr(part, name, None) or (), strict=True):
            _format_errors(shown, result.errors, request_id)
    return members if part.has_next else members | coverage_extension(context.outcomes)


def _format_errors(members: JsonObject, errors: list[GraphQLError] | None, request_id: str) -> None:
    if errors:
        members["errors"] = [format_error(error, request_id) for error in errors]


class LegacyIncrementalFormat:
    """The older format, which Apollo Client asks for by `deferSpec=20220824`: each part names its own path."""

    def __init__(self) -> None:
        self._pending: dict[str, JsonObject] = {}
        self._items: dict[str, int] = {}  # of each streamed list, how many have been sent

    def __call__(self, members: JsonObject) -> JsonObject:
        for pending in members.pop("pending", ()):
            self._pending[pending["id"]] = pending
            self._items[pending["id"]] = self._sent(members, pending["path"])
        failed = [done for done in members.pop("completed", ()) if "errors" in done]
        parts = [self._part(part) for part in members.pop("incremental", ())]
        parts += [self._labelled(done["id"], {"data": None, "errors": done["errors"]}) for done in failed]
        return members | ({"incremental": parts} if parts else {})

    def _part(self, part: JsonObject) -> JsonObject:
        shown = {name: value for name, value in part.items() if name not in {"id", "subPath"}}
        labelled = self._labelled(part["id"], shown)
        if "items" in part:
            labelled["path"] = [*labelled["path"], self._items[part["id"]]]
            self._items[part["id"]] += len(part["items"])
        labelled["path"] += part.get("subPath", ())
        return labelled

    def _labelled(self, name: str, shown: JsonObject) -> JsonObject:
        pending = self._pending[name]
        label = {"label": pending["label"]} if "label" in pending else {}
        return {**shown, "path": list(pending["path"]), **label}

    @staticmethod
    def _sent(members: JsonObject, path: list[str | int]) -> int:
        """How many items of a list the part that announces its stream holds itself."""
        found: Any = members.get("data") or {}
        with suppress(KeyError, TypeError):  # it stands in another part
            for key in path:
                found = found[key]
        return len(found) if isinstance(found, list) else 0


def format_for(accept: str) -> Callable[[JsonObject], JsonObject]:
    """The format that a caller asks for in what it accepts; the current one where it names none."""
    return LegacyIncrementalFormat() if "deferspec=20220824" in accept.lower() else dict
