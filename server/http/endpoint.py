"""GraphQL over HTTP: responds with one JSON body, or with a stream for an operation that has several results."""

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

from .disconnect import ClientDisconnected, cancel_on_disconnect
from .fast_path import RequestKey, RequestMemo
from .graphql_response import http_response
from .negotiation import EVENT_STREAM, MULTIPART, accept_header, accepts
from .parsing import read_request
from .request_id import request_id as request_id_of
from .streaming import StreamingResponse, multipart, server_sent_events

NO_MUTATIONS = "This schema has no mutations. Send a query instead."


class Endpoint:
    """The handler of HTTP requests to /graphql. The runner executes their operations."""

    def __init__(self, runner: OperationRunner) -> None:
        self._runner, self.memo = runner, RequestMemo()

    async def answer_repeat(self, request_key: RequestKey, receive: Receive, request_id: str) -> GraphQLResponse | None:
        """Return the response to a repeated request: cached, shared with an identical operation, or executed now.

        Returns None if the request is not in the memo.
        """
        entry = self.memo.get(request_key)
        if entry is None:
            return None
        key, parameters = entry
        response = self._runner.cached_response(key)
        if response is not None:
            return response
        deadline, waiter = self._runner.start_deadline(), self._runner.single_flight.join(key)
        response = None if waiter is None else shareable_response(await cancel_on_disconnect(receive, waiter))
        return response or await self._execute_repeat(key, parameters, receive, request_id, deadline)

    async def _execute_repeat(
        self, key: CacheKey, parameters: GraphQLRequest, receive: Receive, request_id: str, deadline: float
    ) -> GraphQLResponse:
        """Run a repeated operation. Identical requests that arrive meanwhile wait for it, also before it has begun."""
        with structlog.contextvars.bound_contextvars(request_id=request_id), self._runner.single_flight.reserve(key):
            try:
                operation = await self._runner.prepare(parameters, request_id)
                return await cancel_on_disconnect(receive, self._runner.execute(operation, deadline))
            except ClientDisconnected:
                raise
            except Exception as error:  # noqa: BLE001 (the last resort: every error becomes a response)
                return error_response(error, request_id)

    async def __call__(self, request: Request) -> Response:
        request_id, deadline = request_id_of(request.scope), self._runner.start_deadline()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                response = request.scope.get("response") or await self._respond(request, request_id, deadline)
                if isinstance(response, StreamingResponse):
                    return response
                response.body_bytes()  # a failure to serialize it becomes a response, too
            except ClientDisconnected:
                response = GraphQLResponse({}, 499)  # no client is left to read it
            except Exception as error:  # noqa: BLE001 (the last resort: every error becomes a response)
                response = error_response(error, request_id)
        status, headers, content = http_response(request.scope, response, accept_header(request))
        return Response(content, status, headers)

    async def _respond(self, request: Request, request_id: str, deadline: float) -> GraphQLResponse | StreamingResponse:
        parameters = await read_request(request, deadline)
        if isinstance(parameters, list):
            return await cancel_on_disconnect(
                request.receive, self._execute_batch(parameters, request, request_id, deadline)
            )
        operation = await self._runner.prepare(parameters, request_id, bypass_cache=_has_no_cache(request))
        stream = self._stream(operation, request, deadline)
        if stream is not None:
            return stream
        response = await cancel_on_disconnect(request.receive, self._execute_query(operation, request, deadline))
        if response.key is not None and (request_key := request.scope.get("request_key")):
            self.memo.put(request_key, response.key, parameters)
        return response

    def _stream(self, operation: OperationRequest, request: Request, deadline: float) -> StreamingResponse | None:
        """Return a stream if the operation can have several results and the client accepts one, else None."""
        runner, subscribes = self._runner, operation.kind is OperationType.SUBSCRIPTION
        accept = accept_header(request)
        if accepts(accept, EVENT_STREAM, alone=not subscribes):
            parts = runner.subscribe(operation) if subscribes else runner.execute_incremental(operation, deadline)
            return server_sent_events(parts, runner.streams, request_id=operation.request_id, endless=subscribes)
        if not subscribes and "@" in operation.document.text and accepts(accept, MULTIPART):
            return multipart(
                request,
                runner.execute_incremental(operation, deadline),
                runner.streams,
                request_id=operation.request_id,
            )
        return None

    async def _execute_batch(self, batch: Batch, request: Request, request_id: str, deadline: float) -> GraphQLResponse:
        """Run the operations of a batch concurrently. Each takes its own slot and holds none while it waits."""
        responses = await asyncio.gather(
            *(self._execute_element(parameters, request, request_id, deadline) for parameters in batch)
        )
        return GraphQLResponse([response.content for response in responses])

    async def _execute_element(
        self, parameters: GraphQLRequest | BadRequestError, request: Request, request_id: str, deadline: float
    ) -> GraphQLResponse:
        """Run one operation of a batch. Its errors do not affect the other operations."""
        if isinstance(parameters, BadRequestError):
            return error_response(parameters, request_id)
        try:
            operation = await self._runner.prepare(parameters, request_id, bypass_cache=_has_no_cache(request))
            return await self._execute_query(operation, request, deadline)
        except Exception as error:  # noqa: BLE001 (the last resort: every error becomes a response)
            return error_response(error, request_id)

    async def _execute_query(self, operation: OperationRequest, request: Request, deadline: float) -> GraphQLResponse:
        reject_unsupported(operation.kind, request.method)
        return await self._runner.execute(operation, deadline)


def reject_unsupported(kind: OperationType, method: str) -> None:
    """Raise BadRequestError for an operation that is not a query."""
    if kind is OperationType.MUTATION and method == "GET":
        raise BadRequestError("GET does not run mutations, and this schema has none. Send a query instead.", 405)
    if kind is OperationType.MUTATION:
        raise BadRequestError(NO_MUTATIONS)
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequestError(
            "A subscription has several results. Accept text/event-stream, or open a WebSocket at this URL with the "
            "protocol graphql-transport-ws."
        )


def _has_no_cache(request: Request) -> bool:
    """Return whether the client asks for fresh data.

    The operation is then executed separately. It bypasses the cache of provider data only if all accounts are
    sandboxes, because other calls cost the providers.
    """
    directives = ",".join(request.headers.getlist("cache-control")).lower().split(",")
    return "no-cache" in (directive.strip() for directive in directives)
