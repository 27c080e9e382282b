"""GraphQL over HTTP: a request in, one JSON answer out, or a stream of them where the operation has more than one."""

import asyncio

import structlog
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from server.operations.request import BadRequestError, Batch, GraphQLRequest
from server.operations.response import CacheKey, GraphQLResponse, error_response
from server.operations.runner import OperationRequest, OperationRunner
from server.operations.single_flight import shareable_response

from . import cache_headers
from .compression import encode_body
from .disconnect import ClientDisconnected, cancel_on_disconnect
from .fast_path import RequestKey, RequestMemo
from .negotiation import EVENT_STREAM, GRAPHQL_JSON, MULTIPART, accepted, accepts, media_type
from .parsing import read_request
from .request_id import request_id as request_id_of
from .streaming import StreamingResponse, multipart, server_sent_events

_HEADERS = {405: {"Allow": "POST"}, 503: {"Retry-After": "1"}}


class Endpoint:
    """Answers HTTP requests by what the runner says."""

    def __init__(self, runner: OperationRunner) -> None:
        self._runner, self.memo = runner, RequestMemo()

    async def answer_repeat(self, question: RequestKey, receive: Receive, request_id: str) -> GraphQLResponse | None:
        """The answer to a question that was asked before: kept, being made for another, or made now."""
        found = self.memo.find(question)
        if found is None:
            return None
        key, operation = found
        kept = self._runner.cached_response(key)
        if kept is not None:
            return kept
        end, place = self._runner.start_deadline(), self._runner.single_flight.join(key)
        shared = None if place is None else shareable_response(await cancel_on_disconnect(receive, place))
        return shared or await self._execute_repeat(key, operation, receive, request_id, end)

    async def _execute_repeat(
        self, key: CacheKey, operation: GraphQLRequest, receive: Receive, request_id: str, end: float
    ) -> GraphQLResponse:
        """Whoever asks the same meanwhile waits for this, also before it has begun."""
        with structlog.contextvars.bound_contextvars(request_id=request_id), self._runner.single_flight.reserve(key):
            try:
                asked = await self._runner.prepare(operation, request_id)
                return await cancel_on_disconnect(receive, self._runner.execute(asked, end))
            except ClientDisconnected:
                raise
            except Exception as error:  # noqa: BLE001 (as below)
                return error_response(error, request_id)

    async def __call__(self, request: Request) -> Response:
        request_id, end = request_id_of(request.scope), self._runner.start_deadline()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                answer = request.scope.get("answer") or await self._answer(request, request_id, end)
                if isinstance(answer, StreamingResponse):
                    return answer
                body = answer.body_bytes()
            except ClientDisconnected:
                answer = GraphQLResponse({}, 499)  # no client is left to read it
                body = answer.body_bytes()
            except Exception as error:  # noqa: BLE001 (the last resort)
                answer = error_response(error, request_id)
                body = answer.body_bytes()
        return _response(request, request_id, answer, body)

    async def _answer(self, request: Request, request_id: str, end: float) -> GraphQLResponse | StreamingResponse:
        wanted = await read_request(request, end)
        if isinstance(wanted, list):
            return await cancel_on_disconnect(request.receive, self._execute_batch(wanted, request, request_id, end))
        asked = await self._runner.prepare(wanted, request_id, fresh=_no_cache(request))
        stream = self._stream(asked, request, end)
        if stream is not None:
            return stream
        answer = await cancel_on_disconnect(request.receive, self._execute_query(asked, request, end))
        if answer.key is not None and (question := request.scope.get("question")):
            self.memo.note(question, answer.key, wanted)
        return answer

    def _stream(self, asked: OperationRequest, request: Request, end: float) -> StreamingResponse | None:
        """Where the operation has several answers, and the caller takes them."""
        runner, subscribes = self._runner, asked.kind is OperationType.SUBSCRIPTION
        accept = accepted(request)
        if accepts(accept, EVENT_STREAM, alone=not subscribes):
            parts = runner.subscribe(asked) if subscribes else runner.execute_incremental(asked, end)
            return server_sent_events(parts, runner.streams, request_id=asked.request_id, endless=subscribes)
        if not subscribes and "@" in asked.document.text and accepts(accept, MULTIPART):
            return multipart(
                request, runner.execute_incremental(asked, end), runner.streams, request_id=asked.request_id
            )
        return None

    async def _execute_batch(self, batch: Batch, request: Request, request_id: str, end: float) -> GraphQLResponse:
        """A batch: its operations run at once, each in a turn of its own, and none holds one while it waits."""
        answers = await asyncio.gather(
            *(self._execute_element(operation, request, request_id, end) for operation in batch)
        )
        return GraphQLResponse([answer.content for answer in answers])

    async def _execute_element(
        self, operation: GraphQLRequest | BadRequestError, request: Request, request_id: str, end: float
    ) -> GraphQLResponse:
        """One of a batch, which takes no other with it."""
        if isinstance(operation, BadRequestError):
            return error_response(operation, request_id)
        try:
            asked = await self._runner.prepare(operation, request_id, fresh=_no_cache(request))
            return await self._execute_query(asked, request, end)
        except Exception as error:  # noqa: BLE001 (as above)
            return error_response(error, request_id)

    async def _execute_query(self, asked: OperationRequest, request: Request, end: float) -> GraphQLResponse:
        reject_unsupported(asked.kind, request.method)
        return await self._runner.execute(asked, end)


def reject_unsupported(kind: OperationType, method: str) -> None:
    if kind is OperationType.MUTATION and method == "GET":
        raise BadRequestError("GET runs no mutation, and this graph has none.", 405)
    if kind is OperationType.MUTATION:
        raise BadRequestError("This graph has no mutations: it can only be read.")
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequestError(
            "A subscription has more than one answer: accept text/event-stream, or open a WebSocket here with the "
            "protocol graphql-transport-ws."
        )


def _response(request: Request, request_id: str, answer: GraphQLResponse, body: bytes) -> Response:
    media, status = media_type(accepted(request)), answer.status
    if media == GRAPHQL_JSON and status == 200 and not answer.was_executed:
        status = 400
    said = cache_headers.validation_headers(request, body, answer.outcomes)
    if cache_headers.is_not_modified(request, said):
        status, body = cache_headers.NOT_MODIFIED, b""
    headers = {"X-Request-Id": request_id, **said, **_HEADERS.get(status, {})}
    if body and answer.is_cached:
        body = encode_body(body, request.headers.get("accept-encoding", ""), answer.encoded, headers)
    return Response(body, status, headers, media)


def _no_cache(request: Request) -> bool:
    """Whether the caller asks for what the providers say now. It is heard in the sandbox only: calls cost them."""
    directives = ",".join(request.headers.getlist("cache-control")).lower().split(",")
    return "no-cache" in (directive.strip() for directive in directives)
