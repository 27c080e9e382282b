"""GraphQL over HTTP: responds with one JSON body, or with a stream for an operation that has several results."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

import orjson
from graphql import OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from execution.turns import Work
from providers.call import CallBudget
from server.access.authenticator import Authenticator
from server.operations.caller_budgets import caller_key
from server.operations.operation import NotAQueryError, OperationRequest
from server.operations.request import BadRequestError, Batch, GraphQLRequest
from server.operations.response import GraphQLResponse, ResponseTooLarge, error_response
from server.operations.runner import OperationRunner

from .compression import CompressionMiddleware
from .disconnect import ClientDisconnected, cancel_on_disconnect
from .negotiation import EVENT_STREAM, MULTIPART, accepts
from .request import HttpRequest
from .response import send_response
from .streaming import StreamingResponse, multipart, server_sent_events

_NO_MUTATIONS_BY_GET = "GET does not run mutations, and this schema has none. Send a query instead."


class Endpoint:
    """The ASGI application that responds to GraphQL requests. The runner executes their operations."""

    def __init__(self, runner: OperationRunner, authenticator: Authenticator | None = None) -> None:
        """Without an authenticator, every caller is anonymous."""
        self._runner, self._authenticator = runner, authenticator or Authenticator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, deadline = HttpRequest(scope, receive), self._runner.start_deadline()
        try:
            request.caller = await self._authenticator.authenticate(request.credentials)
        except Exception as error:  # noqa: BLE001 (every error becomes a response)
            await send_response(request, error_response(error, request.id), send)  # without a line of the audit log
            return
        try:
            response = await self._respond(request, deadline)
            if isinstance(response, GraphQLResponse):
                response.body_bytes()  # a failure to serialize it becomes a response, too
        except ClientDisconnected:  # no client is left to read a response
            if request.operation is not None:
                self._runner.audit.record_error(request.operation, asyncio.CancelledError())
            return
        except Exception as error:  # noqa: BLE001 (the last resort: every error becomes a response)
            response = error_response(error, request.id)
        if isinstance(response, GraphQLResponse):
            self._audit(request, response)
            await send_response(request, response, send)
        else:
            await response(scope, receive, send)

    def _audit(self, request: HttpRequest, response: GraphQLResponse) -> None:
        """Record a response. The elements of a batch have records of their own."""
        if request.operation is not None:
            self._runner.audit.record(request.operation, response)
        elif not isinstance(response.content, list):
            self._runner.audit.record_refusal(request.caller.name, request.id, response)

    async def _respond(self, request: HttpRequest, deadline: float) -> GraphQLResponse | ASGIApp:
        """Return the cached response of the operation, or its stream, or else execute it."""
        parameters = await request.read(deadline)
        if isinstance(parameters, list):
            return await cancel_on_disconnect(request.receive, self._execute_batch(parameters, request, deadline))
        operation = request.operation = self._receive(parameters, request)
        if _requests_parts(operation, request.accept):
            await self._runner.prepare(operation)
            if stream := self._stream(operation, request, deadline):
                return stream
        response = self._runner.cached_response(operation)
        if response is not None:
            return response
        try:
            return await cancel_on_disconnect(request.receive, self._runner.execute(operation, deadline))
        except NotAQueryError:
            if stream := self._stream(operation, request, deadline):
                return stream
            if request.method == "GET" and operation.kind is OperationType.MUTATION:
                raise BadRequestError(_NO_MUTATIONS_BY_GET, 405) from None
            raise

    def _receive(self, parameters: GraphQLRequest, request: HttpRequest) -> OperationRequest:
        operation = self._runner.receive(
            parameters,
            request.id,
            request.caller,
            request.credentials.peer,
            bypass_cache=request.has_no_cache,
            reports_cost=request.wants_cost,
        )
        if request.trace is not None:
            operation.trace = request.trace.start_operation(operation)
        return operation

    def _stream(self, operation: OperationRequest, request: HttpRequest, deadline: float) -> ASGIApp | None:
        """Return a stream if the operation can have several results and the client accepts one, else None."""
        runner, accept = self._runner, request.accept
        subscribes = operation.kind is OperationType.SUBSCRIPTION
        check_caller = partial(self._authenticator.check, request.credentials, request.caller)
        stream: StreamingResponse
        if accepts(accept, EVENT_STREAM, alone=not subscribes):
            parts = runner.subscribe(operation) if subscribes else runner.execute_incremental(operation, deadline)
            stream = server_sent_events(parts, runner.streams, operation, check_caller=check_caller)
        elif not subscribes and _requests_parts(operation, accept):
            parts = runner.execute_incremental(operation, deadline)
            stream = multipart(accept, parts, runner.streams, operation, check_caller=check_caller)
        else:
            return None
        return CompressionMiddleware(stream)

    async def _execute_batch(self, batch: Batch, request: HttpRequest, deadline: float) -> GraphQLResponse:
        """Run the operations of a batch concurrently. Each takes its own slot and holds none while it waits."""
        budget = self._runner.budgets.call_budget(caller_key(request.caller, request.credentials.peer))
        work = Work()
        elements = (self._execute_element(element, request, deadline, budget, work) for element in batch)
        responses = await asyncio.gather(*elements)
        return GraphQLResponse(
            [orjson.Fragment(response.body_bytes()) for response in self._bounded(responses, request.id)]
        )

    def _bounded(self, responses: Iterable[GraphQLResponse], request_id: str) -> Iterator[GraphQLResponse]:
        """Yield the responses of a batch. Each one that would exceed the bound on their sum becomes an error."""
        max_bytes = left = self._runner.settings.max_response_bytes
        for response in responses:
            size = len(response.body_bytes())
            if size > left:
                yield error_response(ResponseTooLarge(max_bytes), request_id)
                continue
            left -= size
            yield response

    async def _execute_element(
        self,
        element: GraphQLRequest | BadRequestError,
        request: HttpRequest,
        deadline: float,
        budget: CallBudget,
        work: Work,
    ) -> GraphQLResponse:
        """Run one operation of a batch. Its errors do not affect the other operations."""
        if isinstance(element, BadRequestError):
            return self._refuse(element, request)
        try:
            operation = self._receive(element, request)
        except BadRequestError as error:
            return self._refuse(error, request)
        operation.call_budget, operation.work = budget, work
        try:
            response = await self._runner.execute(operation, deadline)
        except Exception as error:  # noqa: BLE001 (the last resort: every error becomes a response)
            response = error_response(error, request.id)
        except asyncio.CancelledError as error:
            self._runner.audit.record_error(operation, error)
            raise
        self._runner.audit.record(operation, response)
        return response

    def _refuse(self, error: BadRequestError, request: HttpRequest) -> GraphQLResponse:
        """Return the response to a request that is no operation."""
        response = error_response(error, request.id)
        self._runner.audit.record_refusal(request.caller.name, request.id, response)
        return response


def _requests_parts(operation: OperationRequest, accept: str) -> bool:
    """Return whether the client accepts the parts of a query: by a stream alone, or those of deferred data."""
    return accepts(accept, EVENT_STREAM, alone=True) or ("@" in operation.text and accepts(accept, MULTIPART))
