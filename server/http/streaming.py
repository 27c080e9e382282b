"""Streams over HTTP: server-sent events, and multipart/mixed for incremental delivery."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from graphql import OperationType
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.operations.incremental import format_for
from server.operations.operation import OperationRequest
from server.operations.response import JsonObject, error_response_payload, serialize_part
from server.operations.streams import StreamRegistry

from .compression import MAX_BYTES_OF_ONE_TURN
from .disconnect import ClientDisconnected, cancel_on_disconnect
from .negotiation import EVENT_STREAM

HEARTBEAT_SECONDS = 12.0  # seconds of silence; then a heartbeat shows proxies that the connection is alive
CheckCaller = Callable[[], Awaitable[None]]  # raises Unauthenticated if the credential is no longer valid
_HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


class StreamingResponse(Response):
    """A response whose parts are sent as soon as they are ready, until its client disconnects.

    `check_caller` is called before each part and heartbeat. If it raises, the stream ends with that error.
    """

    def __init__(
        self,
        parts: AsyncGenerator[JsonObject, None],
        streams: StreamRegistry,
        operation: OperationRequest,
        *,
        media_type: str,
        frame: Callable[[JsonObject | None], Awaitable[bytes]],
        first: bytes = b"",
        last: bytes,
        check_caller: CheckCaller,
    ) -> None:
        super().__init__(headers={**_HEADERS, "X-Request-Id": operation.request_id}, media_type=media_type)
        del self.headers["content-length"]
        self._parts, self._streams = parts, streams
        self._operation, self._check_caller = operation, check_caller
        self._endless = operation.kind is OperationType.SUBSCRIPTION
        self._frame, self._first, self._last = frame, first, last

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnected):
            await cancel_on_disconnect(receive, self._send_parts(send))

    async def _send_parts(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._first:
            await self._send_body(send, self._first)
        try:
            async with aclosing(self._streams.run(self._operation, self._parts, HEARTBEAT_SECONDS)) as parts:
                async for part in parts:
                    await self._check_caller()
                    await self._send_body(send, await self._frame(part))
        except Exception as error:  # noqa: BLE001 (the last resort: the status has been sent)
            await self._send_body(send, await self._frame(error_response_payload(error, self._operation.request_id)))
        # Without the last frame the client reconnects, to another instance.
        last = b"" if self._endless and self._streams.is_stopping else self._last
        await self._send_body(send, last, more=False)

    @staticmethod
    async def _send_body(send: Send, body: bytes, *, more: bool = True) -> None:
        """Send a part. A long one is sent in pieces, because each may be compressed: other requests run in between."""
        while len(body) > MAX_BYTES_OF_ONE_TURN:
            await send({"type": "http.response.body", "body": body[:MAX_BYTES_OF_ONE_TURN], "more_body": True})
            body = body[MAX_BYTES_OF_ONE_TURN:]
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": body, "more_body": more})


def server_sent_events(
    parts: AsyncGenerator[JsonObject, None],
    streams: StreamRegistry,
    operation: OperationRequest,
    *,
    check_caller: CheckCaller,
) -> StreamingResponse:
    """Return a stream in the distinct connections mode of the GraphQL over SSE protocol."""

    async def frame(part: JsonObject | None) -> bytes:
        return b":\n\n" if part is None else b"event: next\ndata: %b\n\n" % await serialize_part(part, operation.work)

    last = b"event: complete\ndata:\n\n"
    return StreamingResponse(
        parts,
        streams,
        operation,
        media_type=EVENT_STREAM,
        frame=frame,
        last=last,
        check_caller=check_caller,
    )


def multipart(
    accept: str,
    parts: AsyncGenerator[JsonObject, None],
    streams: StreamRegistry,
    operation: OperationRequest,
    *,
    check_caller: CheckCaller,
) -> StreamingResponse:
    """Return a stream in the format of GraphQL's incremental delivery over HTTP that the client accepts."""
    format_part = format_for(accept)
    boundary = b"\r\n---"  # sent right after each part: only the boundary tells a client that the part is complete

    async def frame(part: JsonObject | None) -> bytes:
        if part is None:
            return b""
        header = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
        return header + await serialize_part(format_part({"hasNext": False, **part}), operation.work) + boundary

    return StreamingResponse(
        parts,
        streams,
        operation,
        media_type='multipart/mixed; boundary="-"',
        frame=frame,
        first=boundary,
        last=b"--\r\n",
        check_caller=check_caller,
    )
