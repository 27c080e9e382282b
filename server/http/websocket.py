"""GraphQL over WebSocket, in the protocol graphql-transport-ws: any number of operations over one connection."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.operations.admission import Busy
from server.operations.request import MAX_BODY, BadRequestError, Operation, shallow
from server.operations.response import Answer, Members, told
from server.operations.runner import Asked, Runner

from .streaming import PAUSE

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0  # seconds that a connection has to say who it is
MOST_OPERATIONS = 100  # at once over one connection
GOING_AWAY, TOO_BIG, TRY_LATER = 1001, 1009, 1013
BAD_MESSAGE, UNAUTHORIZED, NOT_ACCEPTABLE, INIT_TIMEOUT, EXISTS, TOO_MANY_INITS = 4400, 4401, 4406, 4408, 4409, 4429


class Message(msgspec.Struct):
    """One message of a client."""

    type: str
    id: str | None = None
    payload: Any = None


class Closed(Exception):
    """The connection is to be closed: with what code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Sockets:
    """Every connection of the service."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.open = 0

    async def __call__(self, websocket: WebSocket) -> None:
        if _foreign(websocket):
            await websocket.close()  # before it is accepted: HTTP's 403
            return
        spoken = PROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(PROTOCOL if spoken else None)
        if not spoken:
            await websocket.close(NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        if self.open >= self._runner.streams.most:
            await websocket.close(TRY_LATER, "Too many connections")
            return
        self.open += 1
        try:
            await Connection(websocket, self._runner).served()
        except Closed as closed:
            await _close(websocket, closed)
        except WebSocketDisconnect:
            pass
        finally:
            self.open -= 1


class Connection:
    """One client, and the operations that it has under way."""

    def __init__(self, websocket: WebSocket, runner: Runner) -> None:
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
                raise Closed(GOING_AWAY, "Going away")
            listening.result()
        finally:
            tasks = [listening, stopping, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not self._initialised:
                    await self._heard(await self._message())
        except TimeoutError:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        while True:
            await self._heard(await self._message())

    async def _message(self) -> Message:
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", GOING_AWAY))
        text = received.get("text")
        if text is None:
            raise Closed(BAD_MESSAGE, "Messages are JSON texts")
        if len(text) > MAX_BODY:
            raise Closed(TOO_BIG, "Message too big")
        try:
            return msgspec.json.decode(shallow(text.encode()), type=Message)
        except (msgspec.MsgspecError, ValueError, RecursionError, BadRequestError):
            raise Closed(BAD_MESSAGE, "Invalid message") from None

    async def _heard(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                if self._initialised:
                    raise Closed(TOO_MANY_INITS, "Too many initialisation requests")
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
                raise Closed(BAD_MESSAGE, "Invalid message")

    def _begin(self, message: Message) -> None:
        if not self._initialised:
            raise Closed(UNAUTHORIZED, "Unauthorized")
        if not message.id:
            raise Closed(BAD_MESSAGE, "Invalid message")
        if message.id in self._operations:
            raise Closed(EXISTS, "Subscriber already exists")
        try:
            operation = msgspec.convert(message.payload, Operation)
        except msgspec.ValidationError:
            raise Closed(BAD_MESSAGE, "Invalid message") from None
        busy = len(self._operations) >= MOST_OPERATIONS
        self._operations[message.id] = asyncio.create_task(self._operate(message.id, operation, busy=busy))

    async def _operate(self, name: str, operation: Operation, *, busy: bool) -> None:
        request_id, end = uuid4().hex, self._runner.deadline()
        try:
            failed = await self._tell(name, await self._asked(operation, request_id, busy=busy), end)
        except Exception as error:  # noqa: BLE001 (it ends no other operation)
            failed = await self._next(name, told(error, request_id))
        if self._operations.get(name) is asyncio.current_task():  # not completed by the client meanwhile
            del self._operations[name]
            await self._send(
                {"id": name, "type": "error", "payload": failed} if failed else {"id": name, "type": "complete"}
            )

    async def _asked(self, operation: Operation, request_id: str, *, busy: bool) -> Asked:
        if busy:
            raise Busy
        asked = await self._runner.asked(operation, request_id)
        if asked.kind is OperationType.MUTATION:
            raise BadRequestError("This graph has no mutations: it can only be read.")
        return asked

    async def _tell(self, name: str, asked: Asked, end: float) -> list[Any]:
        """Sends the answers; returns the errors of what could not be begun."""
        runner, endless = self._runner, asked.kind is OperationType.SUBSCRIPTION
        if not endless and "@" not in asked.document.text:
            answer = await runner.answer(asked, end)
            return await self._next(name, answer.members)
        parts = runner.events(asked) if endless else runner.payloads(asked, end)
        with runner.streams.place():
            async with aclosing(runner.streams.paced(parts, PAUSE, endless=endless)) as paced:
                async for part in paced:
                    if part is not None and (failed := await self._next(name, part)):
                        return failed
        return []

    async def _next(self, name: str, part: Members) -> list[Any]:
        if part.keys() == {"errors"}:  # nothing was executed
            return list(part["errors"])
        await self._send({"id": name, "type": "next", "payload": part})
        return []

    async def _send(self, message: Members) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await self._websocket.send_text(Answer(message).written().decode())


def _foreign(websocket: WebSocket) -> bool:
    """Whether a page of another host opened it: browsers tell, and only browsers need to be told apart."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != websocket.headers.get("host", "").lower()
    except ValueError:  # no address at all, such as http://[
        return True


async def _close(websocket: WebSocket, closed: Closed) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):  # the client was faster
        await websocket.close(closed.code, closed.reason)
