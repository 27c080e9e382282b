"""GraphQL over HTTP: a request in, one JSON answer out, with one deadline over all of it."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import uuid4

import structlog
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response

from providers.api import deadline
from providers.remembered import read_through
from resolvers.context import RequestContext
from resolvers.roster import Roster
from schema import Schema
from schema.document import Document

from . import caching
from .answer import Answer, shown, unanswered
from .gate import Gate
from .negotiation import GRAPHQL_JSON, media_type
from .operation import BadRequestError, Batch, Operation, read
from .persisted import PersistedQueries
from .presence import while_present
from .settings import ServerSettings

MAX_RESERVE = 0.5  # seconds of the deadline that are kept for writing the answer down
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {405: {"Allow": "POST"}, 503: {"Retry-After": "1"}}
InUse = Callable[[], AbstractContextManager[Roster]]  # the accounts, while a request is answered


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request, whatever number of operations it holds."""

    request: Request
    id: str
    end: float  # of its deadline, on the loop's clock


class Endpoint:
    """Runs operations for the accounts in use, so many at once, each within so many seconds."""

    def __init__(self, schema: Schema, in_use: InUse, settings: ServerSettings) -> None:
        self._schema, self._in_use = schema, in_use
        self._settings, self._gate = settings, Gate(settings.max_requests)
        self._persisted = PersistedQueries()

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    def use(self, settings: ServerSettings) -> None:
        """From now on these; what runs has the turns, and the time, that it was given."""
        self._settings = settings
        if settings.max_requests != self._gate.most:
            self._gate = Gate(settings.max_requests)

    async def __call__(self, request: Request) -> Response:
        seconds = self._settings.deadline
        asked = Asked(request, _request_id(request), asyncio.get_running_loop().time() + seconds)
        deadline.set(asked.end - min(MAX_RESERVE, seconds / 10))
        with structlog.contextvars.bound_contextvars(request_id=asked.id):
            try:
                answer = await self._answer(asked)
                body = answer.written()
            except Exception as error:  # noqa: BLE001 (the last resort)
                answer = unanswered(error, asked.id)
                body = answer.written()
        return _response(asked, answer, body)

    async def _answer(self, asked: Asked) -> Answer:
        wanted = await read(asked.request, asked.end)
        work = self._all(wanted, asked) if isinstance(wanted, list) else self._one(wanted, asked)
        return await while_present(asked.request.receive, work)

    async def _all(self, batch: Batch, asked: Asked) -> Answer:
        """A batch: its operations run at once, each in a turn of its own, and none holds one while it waits."""
        answers = await asyncio.gather(*(self._one(operation, asked) for operation in batch))
        return Answer([answer.content for answer in answers])

    async def _one(self, operation: Operation | BadRequestError, asked: Asked) -> Answer:
        if isinstance(operation, BadRequestError):
            return unanswered(operation, asked.id)
        try:
            document = self._document(operation, asked.request.method)
            async with self._gate.turn(asked.end):
                return await self._run(document, operation, asked)
        except Exception as error:  # noqa: BLE001 (it takes no other operation of a batch with it)
            return unanswered(error, asked.id)

    def _document(self, operation: Operation, method: str) -> Document:
        """The document of a query; raises BadRequestError for anything else, or GraphQLSyntaxError."""
        document = self._schema.documents(self._persisted.text(operation))
        try:
            _only_queries(document.operation(operation.operation_name).operation, method)
        except GraphQLError as error:
            raise BadRequestError(error.message) from None
        return document

    async def _run(self, document: Document, operation: Operation, asked: Asked) -> Answer:
        with self._in_use() as roster:
            read_through.set(_no_cache(asked.request) and all(member.account.sandbox for member in roster))
            context = RequestContext(roster)
            try:
                async with asyncio.timeout_at(asked.end):
                    result = await self._schema.execute(
                        document.text,
                        variable_values=operation.variables,
                        operation_name=operation.operation_name or None,
                        context_value=context,
                    )
            finally:
                context.close()
        members = shown(result.data, result.errors or [], asked.id)
        if entries := context.ledger.entries():
            members["extensions"] = {"coverage": entries}
        return Answer(members, ledger=None if result.errors else context.ledger)


def _only_queries(kind: OperationType, method: str) -> None:
    if kind is OperationType.MUTATION and method == "GET":
        raise BadRequestError("GET runs no mutation, and this graph has none.", 405)
    if kind is OperationType.MUTATION:
        raise BadRequestError("This graph has no mutations: it can only be read.")
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequestError(
            "A subscription has more than one answer: accept text/event-stream, or open a WebSocket here with the "
            "protocol graphql-transport-ws."
        )


def _response(asked: Asked, answer: Answer, body: bytes) -> Response:
    media, status = media_type(asked.request), answer.status
    if media == GRAPHQL_JSON and status == 200 and not answer.ran:
        status = 400
    said = caching.headers(asked.request, body, answer.ledger)
    if caching.unchanged(asked.request, said):
        status, body = caching.NOT_MODIFIED, b""
    headers = {"X-Request-Id": asked.id, **said, **_HEADERS.get(status, {})}
    return Response(body, status, headers, media)


def _request_id(request: Request) -> str:
    """The caller's own id, where it has the form of one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _no_cache(request: Request) -> bool:
    """Whether the caller asks for what the providers say now. It is heard in the sandbox only: calls cost them."""
    directives = ",".join(request.headers.getlist("cache-control")).lower().split(",")
    return "no-cache" in (directive.strip() for directive in directives)
