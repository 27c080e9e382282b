"""One WebSocket in the protocol graphql-transport-ws: concurrent operations over one connection."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any
from uuid import uuid4

import msgspec
import orjson
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from execution.turns import Work
from server.access.authenticator import Authenticator
from server.access.credentials import Credentials
from server.access.errors import KeysUnavailable, Unauthenticated
from server.access.session import CallerSession
from server.operations.admission import Overloaded
from server.operations.caller_budgets import caller_key
from server.operations.operation import NotAQueryError, OperationRequest
from server.operations.request import MAX_BODY_BYTES, MAX_JSON_DEPTH, BadRequestError, GraphQLRequest, check_json_depth
from server.operations.response import (
    JsonObject,
    dump_json,
    error_response,
    error_response_payload,
    serialize_part,
)
from server.operations.runner import OperationRunner

from .socket_places import SocketPlace, TooManySockets
from .streaming import HEARTBEAT_SECONDS
from .tracing import TRACE
from .websocket_messages import (
    DUPLICATE_ID,
    FORBIDDEN,
    GOING_AWAY,
    INIT_TIMEOUT,
    INVALID_MESSAGE,
    PROTOCOL,
    TOO_BIG,
    TOO_MANY_INITS,
    TRY_LATER,
    UNAUTHORIZED,
    CloseSession,
    Message,
)

INIT_SECONDS = 10.0  # seconds for a client to send connection_init
MAX_OPERATIONS = 100  # concurrent operations over one connection
_NOT_A_MESSAGE = f"Invalid message: send a JSON object with a type, at most {MAX_JSON_DEPTH} levels deep."
_EXPIRED = "Forbidden: the credential has expired or was revoked."
_NOT_A_REQUEST = 'Invalid message: the payload of subscribe must be a GraphQL request, such as {"query": ...}.'


class WebSocketSession:
    """One connection and its running operations, by their ids."""

    def __init__(
        self, websocket: WebSocket, runner: OperationRunner, authenticator: Authenticator, place: SocketPlace
    ) -> None:
        self._websocket, self._runner, self._place = websocket, runner, place
        self._session = CallerSession(authenticator, Credentials.of_scope(websocket.scope))
        self._operations: dict[str, asyncio.Task[None]] = {}  # by operation id
        self._work = Work()  # shared by operations that run at the same time

    async def run(self) -> None:
        """Handle messages until the connection ends. Raises CloseSession or WebSocketDisconnect."""
        listening = asyncio.create_task(self._listen())
        stopping = asyncio.create_task(self._runner.streams.wait_until_stopped())
        expiring = asyncio.create_task(self._session.wait_until_expired(HEARTBEAT_SECONDS))
        try:
            endings = listening, stopping, expiring, self._place.ending
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                raise CloseSession(GOING_AWAY, "The service is stopping: connect again.")
            if self._place.ending.done():
                raise TooManySockets
            if not listening.done():
                raise CloseSession(FORBIDDEN, _EXPIRED)
            listening.result()
        finally:
            tasks = [listening, stopping, expiring, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            # The exceptions of the tasks refer to this frame and to the session.
            self._operations.clear()
            del listening, endings, tasks, task

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while not self._session.is_started:
                    await self._handle_message(await self._receive())
        except TimeoutError:
            raise CloseSession(
                INIT_TIMEOUT,
                f"Connection initialisation timeout: send connection_init within {INIT_SECONDS:g} seconds.",
            ) from None
        while True:
            await self._handle_message(await self._receive())

    async def _receive(self) -> Message:
        event = await self._websocket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", GOING_AWAY))
        text = event.get("text")
        if text is None:
            raise CloseSession(INVALID_MESSAGE, "Messages must be JSON in text frames.")
        if len(text) > MAX_BODY_BYTES:
            raise CloseSession(TOO_BIG, f"The message is longer than {MAX_BODY_BYTES:,} bytes. Send a shorter one.")
        try:
            return msgspec.json.decode(check_json_depth(text.encode()), type=Message)
        except (msgspec.MsgspecError, ValueError, RecursionError, BadRequestError):
            raise CloseSession(INVALID_MESSAGE, _NOT_A_MESSAGE) from None

    async def _handle_message(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                if self._session.is_started:
                    raise CloseSession(TOO_MANY_INITS, "Too many initialisation requests: send connection_init once.")
                await self._authenticate(message.payload)
                await self._send({"type": "connection_ack"})
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._start(message)
            case "complete":
                if task := self._operations.pop(message.id or "", None):
                    task.cancel()
            case _:
                raise CloseSession(INVALID_MESSAGE, f"Invalid message: {PROTOCOL} has no such type of message.")

    async def _authenticate(self, payload: object) -> None:
        try:
            await self._session.start(payload)
            self._place.take(caller_key(self._session.caller, self._session.peer))
        except Unauthenticated as error:
            raise CloseSession(FORBIDDEN, str(error)) from None
        except KeysUnavailable as error:
            raise CloseSession(TRY_LATER, str(error)) from None

    async def _start(self, message: Message) -> None:
        """Start an operation, and wait until its document is parsed: those of a burst start one after the other."""
        if not self._session.is_started:
            raise CloseSession(UNAUTHORIZED, "Unauthorized: send connection_init before subscribe.")
        if not message.id:
            raise CloseSession(INVALID_MESSAGE, "Invalid message: subscribe needs an id.")
        if message.id in self._operations:
            raise CloseSession(DUPLICATE_ID, "Subscriber already exists: complete it first, or use another id.")
        try:
            parameters = msgspec.convert(message.payload, GraphQLRequest)
        except msgspec.ValidationError:
            raise CloseSession(INVALID_MESSAGE, _NOT_A_REQUEST) from None
        if not self._operations:
            self._work = Work()
        is_busy, is_prepared = len(self._operations) >= MAX_OPERATIONS, asyncio.Event()
        execution = self._execute(message.id, parameters, is_prepared, is_busy=is_busy)
        self._operations[message.id] = asyncio.create_task(execution)
        await is_prepared.wait()

    async def _execute(
        self, operation_id: str, parameters: GraphQLRequest, is_prepared: asyncio.Event, *, is_busy: bool
    ) -> None:
        request_id, deadline = uuid4().hex, self._runner.start_deadline()
        try:
            try:
                operation = await self._prepare(parameters, request_id, is_busy=is_busy)
            finally:
                is_prepared.set()
            errors = await self._stream_results(operation_id, operation, deadline)
        except Exception as error:  # noqa: BLE001 (must not end the other operations)
            errors = await self._send_error(operation_id, error_response_payload(error, request_id))
        if self._operations.get(operation_id) is asyncio.current_task():  # not completed by the client meanwhile
            del self._operations[operation_id]
            await self._send(
                {"id": operation_id, "type": "error", "payload": errors}
                if errors
                else {"id": operation_id, "type": "complete"}
            )

    async def _prepare(self, parameters: GraphQLRequest, request_id: str, *, is_busy: bool) -> OperationRequest:
        await self._session.check()
        caller, audit = self._session.caller, self._runner.audit
        try:
            operation = self._runner.receive(parameters, request_id, caller, self._session.peer)
            operation.work = self._work
            if (trace := self._websocket.scope.get(TRACE)) is not None:
                operation.trace = trace.start_operation(operation)
        except BadRequestError as error:
            audit.record_refusal(caller.name, request_id, error_response(error, request_id))
            raise
        with audit.errors_of(operation):
            if is_busy:
                raise Overloaded
            await self._runner.prepare(operation)
            if operation.kind is OperationType.MUTATION:
                raise NotAQueryError(operation.kind)
        return operation

    async def _stream_results(self, operation_id: str, operation: OperationRequest, deadline: float) -> list[Any]:
        """Send the results. Returns the errors of an operation that was not executed."""
        runner, endless = self._runner, operation.kind is OperationType.SUBSCRIPTION
        if not endless and "@" not in operation.text:
            with runner.audit.errors_of(operation):
                response = await runner.execute(operation, deadline)
            runner.audit.record(operation, response)
            if not response.was_executed:
                return list(response.payload["errors"])
            await self._send_next(operation_id, response.body_bytes())
            return []
        parts = runner.subscribe(operation) if endless else runner.execute_incremental(operation, deadline)
        async with aclosing(runner.streams.run(operation, parts, HEARTBEAT_SECONDS)) as paced:
            async for part in paced:
                await self._session.check()
                if part is None:
                    continue
                if part.keys() == {"errors"}:  # nothing was executed
                    return list(part["errors"])
                await self._send_next(operation_id, await serialize_part(part, operation.work))
        return []

    async def _send_error(self, operation_id: str, payload: JsonObject) -> list[Any]:
        """Return the errors of an operation that was not executed. Send those of one that was, with null data."""
        if "data" not in payload:
            return list(payload["errors"])
        await self._send_next(operation_id, dump_json(payload))
        return []

    async def _send_next(self, operation_id: str, json: bytes) -> None:
        """Send a result."""
        await self._send({"id": operation_id, "type": "next", "payload": orjson.Fragment(json)})

    async def _send(self, message: JsonObject) -> None:
        """Send a message. If the client has left, nothing: the session ends when `_listen` reads that."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):
                await self._websocket.send_text(dump_json(message).decode())
