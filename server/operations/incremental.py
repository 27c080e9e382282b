"""Incremental delivery: the parts of one response, in the formats that clients read."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any

from graphql import (
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)
from graphql.execution import CompletedResult

from resolvers.request import RequestContext

from .errors import format_errors
from .response import DeadlineExceeded, JsonObject, coverage_extension, sandbox_mark

Part = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult


async def incremental_parts(
    result: ExperimentalIncrementalExecutionResults, deadline: float, context: RequestContext
) -> AsyncGenerator[Part, None]:
    """Yield the initial part and the subsequent ones. At the deadline, yield a last part that fails all pending data.

    `deadline` is an instant on the loop's clock. `context` is the request whose outcomes are marked as timed out.
    """
    yield result.initial_result
    pending_ids = {pending.id for pending in result.initial_result.pending}
    async with aclosing(result.subsequent_results) as subsequent_parts:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    part = await anext(subsequent_parts, None)
            except TimeoutError:
                error = DeadlineExceeded(context.outcomes)
                failures = [CompletedResult(pending_id, [error]) for pending_id in pending_ids]
                yield SubsequentIncrementalExecutionResult(has_next=False, completed=failures)
                return
            if part is None:
                return
            pending_ids |= {pending.id for pending in part.pending or ()}
            pending_ids -= {completed.id for completed in part.completed or ()}
            yield part


def format_part(part: Part, context: RequestContext, request_id: str) -> JsonObject:
    """Return the part as a JSON object. The last part has the coverage of the complete response.

    The first part, too, is marked if it may have simulated data.
    """
    payload: JsonObject = dict(part.formatted)
    _format_errors(payload, part.errors if isinstance(part, InitialIncrementalExecutionResult) else None, request_id)
    for name in ("incremental", "completed"):
        for fields, result in zip(payload.get(name, ()), getattr(part, name, None) or (), strict=True):
            _format_errors(fields, result.errors, request_id)
    if not part.has_next:
        return payload | coverage_extension(context.outcomes)
    mark = sandbox_mark(context.outcomes) if isinstance(part, InitialIncrementalExecutionResult) else {}
    return payload | ({"extensions": mark} if mark else {})


def _format_errors(fields: JsonObject, errors: list[GraphQLError] | None, request_id: str) -> None:
    if errors:
        fields["errors"] = format_errors(errors, request_id)


class LegacyIncrementalFormat:
    """Converts the parts of one response to the older format, in which each part has its own path.

    Apollo Client requests it with `deferSpec=20220824`.
    """

    def __init__(self) -> None:
        self._pending: dict[str, JsonObject] = {}  # by id
        self._item_counts: dict[str, int] = {}  # by id of a streamed list: the number of items sent so far

    def __call__(self, payload: JsonObject) -> JsonObject:
        for pending in payload.pop("pending", ()):
            self._pending[pending["id"]] = pending
            self._item_counts[pending["id"]] = self._count_items(payload, pending["path"])
        failures = [completed for completed in payload.pop("completed", ()) if "errors" in completed]
        parts = [self._convert(part) for part in payload.pop("incremental", ())]
        parts += [self._locate(failure["id"], {"data": None, "errors": failure["errors"]}) for failure in failures]
        return payload | ({"incremental": parts} if parts else {})

    def _convert(self, part: JsonObject) -> JsonObject:
        fields = {name: value for name, value in part.items() if name not in {"id", "subPath"}}
        converted = self._locate(part["id"], fields)
        if "items" in part:
            converted["path"] = [*converted["path"], self._item_counts[part["id"]]]
            self._item_counts[part["id"]] += len(part["items"])
        converted["path"] += part.get("subPath", ())
        return converted

    def _locate(self, pending_id: str, fields: JsonObject) -> JsonObject:
        """Return the fields with the path and the label of the pending data that they belong to."""
        pending = self._pending[pending_id]
        label = {"label": pending["label"]} if "label" in pending else {}
        return {**fields, "path": list(pending["path"]), **label}

    @staticmethod
    def _count_items(payload: JsonObject, path: list[str | int]) -> int:
        """Return how many items of the list at `path` are in the part that announces its stream; 0 if it has none."""
        value: Any = payload.get("data") or {}
        with suppress(KeyError, TypeError):  # the list is in another part
            for key in path:
                value = value[key]
        return len(value) if isinstance(value, list) else 0


def format_for(accept: str) -> Callable[[JsonObject], JsonObject]:
    """Return the converter to the format that an Accept header names; by default it keeps the current format."""
    return LegacyIncrementalFormat() if "deferspec=20220824" in accept.lower() else dict
