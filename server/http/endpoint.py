"""GraphQL over HTTP: a request in, one JSON answer out, or a stream of them where the operation has more than one."""

import asyncio

import structlog
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from server.operations.request import BadRequestError, Batch, Operation
from server.operations.response import Answer, Key, unanswered
from server.operations.runner import Asked, Runner
from server.operations.single_flight import common

from . import cache_headers
from .compression import pack
from .disconnect import ClientGone, while_present
from .fast_path import Question, Questions
from .negotiation import EVENT_STREAM, GRAPHQL_JSON, MULTIPART, accepted, accepts, media_type
from .parsing import read
from .request_id import request_id as request_id_of
from .streaming import Stream, multipart, server_sent_events

_HEADERS = {405: {"Allow": "POST"}, 503: {"Retry-After": "1"}}


class Endpoint:
    """Answers HTTP requests by what the runner says."""

    def __init__(self, runner: Runner) -> None:
        self._runner, self.questions = runner, Questions()

    async def known(self, question: Question, receive: Receive, request_id: str) -> Answer | None:
        """The answer to a question that was asked before: kept, being made for another, or made now."""
        found = self.questions.find(question)
        if found is None:
            return None
        key, operation = found
        kept = self._runner.kept(key)
        if kept is not None:
            return kept
        end, place = self._runner.deadline(), self._runner.together.join(key)
        shared = None if place is None else common(await while_present(receive, place))
        return shared or await self._again(key, operation, receive, request_id, end)

    async def _again(self, key: Key, operation: Operation, receive: Receive, request_id: str, end: float) -> Answer:
        """Whoever asks the same meanwhile waits for this, also before it has begun."""
        with structlog.contextvars.bound_contextvars(request_id=request_id), self._runner.together.announced(key):
            try:
                asked = await self._runner.asked(operation, request_id)
                return await while_present(receive, self._runner.answer(asked, end))
            except ClientGone:
                raise
            except Exception as error:  # noqa: BLE001 (as below)
                return unanswered(error, request_id)

    async def __call__(self, request: Request) -> Response:
        request_id, end = request_id_of(request.scope), self._runner.deadline()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                answer = request.scope.get("answer") or await self._answer(request, request_id, end)
                if isinstance(answer, Stream):
                    return answer
                body = answer.written()
            except ClientGone:
                answer = Answer({}, 499)  # no client is left to read it
                body = answer.written()
            except Exception as error:  # noqa: BLE001 (the last resort)
                answer = unanswered(error, request_id)
                body = answer.written()
        return _response(request, request_id, answer, body)

    async def _answer(self, request: Request, request_id: str, end: float) -> Answer | Stream:
        wanted = await read(request, end)
        if isinstance(wanted, list):
            return await while_present(request.receive, self._all(wanted, request, request_id, end))
        asked = await self._runner.asked(wanted, request_id, fresh=_no_cache(request))
        stream = self._stream(asked, request, end)
        if stream is not None:
            return stream
        answer = await while_present(request.receive, self._one(asked, request, end))
        if answer.key is not None and (question := request.scope.get("question")):
            self.questions.note(question, answer.key, wanted)
        return answer

    def _stream(self, asked: Asked, request: Request, end: float) -> Stream | None:
        """Where the operation has several answers, and the caller takes them."""
        runner, subscribes = self._runner, asked.kind is OperationType.SUBSCRIPTION
        accept = accepted(request)
        if accepts(accept, EVENT_STREAM, alone=not subscribes):
            parts = runner.events(asked) if subscribes else runner.payloads(asked, end)
            return server_sent_events(parts, runner.streams, request_id=asked.request_id, endless=subscribes)
        if not subscribes and "@" in asked.document.text and accepts(accept, MULTIPART):
            return multipart(request, runner.payloads(asked, end), runner.streams, request_id=asked.request_id)
        return None

    async def _all(self, batch: Batch, request: Request, request_id: str, end: float) -> Answer:
        """A batch: its operations run at once, each in a turn of its own, and none holds one while it waits."""
        answers = await asyncio.gather(*(self._each(operation, request, request_id, end) for operation in batch))
        return Answer([answer.content for answer in answers])

    async def _each(
        self, operation: Operation | BadRequestError, request: Request, request_id: str, end: float
    ) -> Answer:
        """One of a batch, which takes no other with it."""
        if isinstance(operation, BadRequestError):
            return unanswered(operation, request_id)
        try:
            asked = await self._runner.asked(operation, request_id, fresh=_no_cache(request))
            return await self._one(asked, request, end)
        except Exception as error:  # noqa: BLE001 (as above)
            return unanswered(error, request_id)

    async def _one(self, asked: Asked, request: Request, end: float) -> Answer:
        _only_queries(asked.kind, request.method)
        return await self._runner.answer(asked, end)


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


def _response(request: Request, request_id: str, answer: Answer, body: bytes) -> Response:
    media, status = media_type(accepted(request)), answer.status
    if media == GRAPHQL_JSON and status == 200 and not answer.ran:
        status = 400
    said = cache_headers.headers(request, body, answer.ledger)
    if cache_headers.unchanged(request, said):
        status, body = cache_headers.NOT_MODIFIED, b""
    headers = {"X-Request-Id": request_id, **said, **_HEADERS.get(status, {})}
    if body and answer.is_kept:
        body = pack(body, request.headers.get("accept-encoding", ""), answer.packed, headers)
    return Response(body, status, headers, media)


def _no_cache(request: Request) -> bool:
    """Whether the caller asks for what the providers say now. It is heard in the sandbox only: calls cost them."""
    directives = ",".join(request.headers.getlist("cache-control")).lower().split(",")
    return "no-cache" in (directive.strip() for directive in directives)
