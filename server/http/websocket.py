"""GraphQL over WebSocket, in the protocol graphql-transport-ws: any number of operations over one connection."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.operations.admission import Overloaded
from server.operations.request import MAX_BODY, BadRequestError, GraphQLRequest, check_json_depth
from server.operations.response import GraphQLResponse, JsonObject, error_response_payload
from server.operations.runner import OperationRequest, OperationRunner

from .streaming import HEARTBEAT_SECONDS

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0  # seconds that a connection has to say who it is
MAX_OPERATIONS = 100  # at once over one connection
GOING_AWAY, TOO_BIG, TRY_LATER = 1001, 1009, 1013
BAD_MESSAGE, UNAUTHORIZED, NOT_ACCEPTABLE, INIT_TIMEOUT, EXISTS, TOO_MANY_INITS = 4400, 4401, 4406, 4408, 4409, 4429


class Message(msgspec.Struct):
    """One message of a client."""

    type: str
    id: str | None = None
    payload: Any = None


class CloseSession(Exception):
    """The connection is to be closed: with what code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class WebSocketEndpoint:
    """Every connection of the service."""

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner
        self.open = 0

    async def __call__(self, websocket: WebSocket) -> None:
        if is_cross_origin(websocket):
            await websocket.close()  # before it is accepted: HTTP's 403
            return
        spoken = PROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(PROTOCOL if spoken else None)
        if not spoken:
            await websocket.close(NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        if self.open >= self._runner.streams.max_streams:
            await websocket.close(TRY_LATER, "Too many connections")
            return
        self.open += 1
        try:
            await WebSocketSession(websocket, self._runner).served()
        except CloseSession as closed:
            await _close(websocket, closed)
        except WebSocketDisconnect:
            pass
        finally:
            self.open -= 1


class WebSocketSession:
    """One client, and the operations that it has under way."""

    def __init__(self, websocket: WebSocket, runner: OperationRunner) -> None:
        self._websocket, self._runner = websocket, runner
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._initialised = False

    async def served(self) -> None:
        """Until either side closes it; raises Closed or WebSocketDisconnect."""
        listening = asyncio.create_task(self._listen())
        stopping = asyncio.create_task(self._runner.streams.stopped())
        try:
            await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                raise CloseSession(GOING_AWAY, "Going away")
            listening.result()
        finally:
            tasks = [listening, stopping, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while not self._initialised:
                    await self._handle_message(await self._message())
        except TimeoutError:
            raise CloseSession(INIT_TIMEOUT, "Connection initialisation timeout") from None
        while True:
            await self._handle_message(await self._message())

    async def _message(self) -> Message:
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", GOING_AWAY))
        text = received.get("text")
        if text is None:
            raise CloseSession(BAD_MESSAGE, "Messages are JSON texts")
        if len(text) > MAX_BODY:
            raise CloseSession(TOO_BIG, "Message too big")
        try:
            return msgspec.json.decode(check_json_depth(text.encode()), type=Message)
        except (msgspec.MsgspecError, ValueError, RecursionError, BadRequestError):
            raise CloseSession(BAD_MESSAGE, "Invalid message") from None

    async def _handle_message(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                if self._initialised:
                    raise CloseSession(TOO_MANY_INITS, "Too many initialisation requests")
                self._initialised = True
                await self._send({"type": "connection_ack"})
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                self._begin(message)
            case "complete":
                if operation := self._operations.pop(message.id or "", None):
                    operation.cancel()
            case _:
                raise CloseSession(BAD_MESSAGE, "Invalid message")

    def _begin(self, message: Message) -> None:
        if not self._initialised:
            raise CloseSession(UNAUTHORIZED, "Unauthorized")
        if not message.id:
            raise CloseSession(BAD_MESSAGE, "Invalid message")
        if message.id in self._operations:
            raise CloseSession(EXISTS, "Subscriber already exists")
        try:
            operation = msgspec.convert(message.payload, GraphQLRequest)
        except msgspec.ValidationError:
            raise CloseSession(BAD_MESSAGE, "Invalid message") from None
        busy = len(self._operations) >= MAX_OPERATIONS
        self._operations[message.id] = asyncio.create_task(self._operate(message.id, operation, busy=busy))

    async def _operate(self, name: str, operation: GraphQLRequest, *, busy: bool) -> None:
        request_id, end = uuid4().hex, self._runner.start_deadline()
        try:
            failed = await self._stream_results(name, await self._asked(operation, request_id, busy=busy), end)
        except Exception as error:  # noqa: BLE001 (it ends no other operation)
            failed = await self._next(name, error_response_payload(error, request_id))
        if self._operations.get(name) is asyncio.current_task():  # not completed by the client meanwhile
            del self._operations[name]
            await self._send(
                {"id": name, "type": "error", "payload": failed} if failed else {"id": name, "type": "complete"}
            )

    async def _asked(self, operation: GraphQLRequest, request_id: str, *, busy: bool) -> OperationRequest:
        if busy:
            raise Overloaded
        asked = await self._runner.prepare(operation, request_id)
        if asked.kind is OperationType.MUTATION:
            raise BadRequestError("This graph has no mutations: it can only be read.")
        return asked

    async def _stream_results(self, name: str, asked: OperationRequest, end: float) -> list[Any]:
        """Sends the answers; returns the errors of what could not be begun."""
        runner, endless = self._runner, asked.kind is OperationType.SUBSCRIPTION
        if not endless and "@" not in asked.document.text:
            answer = await runner.execute(asked, end)
            return await self._next(name, answer.payload)
        parts = runner.subscribe(asked) if endless else runner.execute_incremental(asked, end)
        with runner.streams.slot():
            async with aclosing(runner.streams.with_heartbeats(parts, HEARTBEAT_SECONDS, endless=endless)) as paced:
                async for part in paced:
                    if part is not None and (failed := await self._next(name, part)):
                        return failed
        return []

    async def _next(self, name: str, part: JsonObject) -> list[Any]:
        if part.keys() == {"errors"}:  # nothing was executed
            return list(part["errors"])
        await self._send({"id": name, "type": "next", "payload": part})
        return []

    async def _send(self, message: JsonObject) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await self._websocket.send_text(GraphQLResponse(message).body_bytes().decode())


def is_cross_origin(websocket: WebSocket) -> bool:
    """Whether a page of another host opened it: browsers tell, and only browsers need to be told apart."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != websocket.headers.get("host", "").lower()
    except ValueError:  # no address at all, such as http://[
        return True


async def _close(websocket: WebSocket, closed: CloseSession) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):  # the client was faster
        await websocket.close(closed.code, closed.reason)
