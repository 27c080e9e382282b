"""Rejection of a connection's request before the application sees it, in the format of all errors."""

import asyncio
from http import HTTPStatus

import orjson

from server.operations.response import error_payload


def reject(transport: asyncio.Transport, status: int, message: str, code: str) -> None:
    """Send an error and close the connection. Only the first rejection is sent."""
    if transport.is_closing():
        return
    body = orjson.dumps(error_payload(message, code))
    head = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(["retry-after: 1"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
    ]
    transport.write("\r\n".join((*head, "", "")).encode() + body)
    transport.close()
