"""Reads GraphQL requests from HTTP requests, within a deadline and a size limit."""

import asyncio
import re
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from server.operations.request import (
    MAX_BODY_BYTES,
    BadRequestError,
    Batch,
    GraphQLRequest,
    check_json_depth,
    parse_batch,
    parse_request,
)

_CODINGS = re.compile(r"[A-Za-z0-9_.-]+(, ?[A-Za-z0-9_.-]+){0,9}")  # names that an error may repeat


async def read_request(request: Request, deadline: float) -> GraphQLRequest | Batch:
    """Return the operation or the batch of a request.

    Raises BadRequestError if it is invalid, or if its body has not arrived by `deadline` on the event loop's clock.
    """
    if request.method == "GET":
        return _from_query(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequestError(
            "The Content-Type of the request is not supported. Send the operation as application/json.", 415
        )
    _check_encoding(",".join(request.headers.getlist("content-encoding")))
    body = check_json_depth(await _body(request, deadline))
    return parse_batch(body) if body.lstrip().startswith(b"[") else parse_request(body)


def _check_encoding(content_encoding: str) -> None:
    """Raise BadRequestError if the body is compressed: a few bytes could expand to gigabytes."""
    if any(coding.strip().lower() not in {"", "identity"} for coding in content_encoding.split(",")):
        name = f" {content_encoding}" if _CODINGS.fullmatch(content_encoding) else ""
        raise BadRequestError(f"The request body has the Content-Encoding{name}. Send it without compression.", 415)


async def _body(request: Request, deadline: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise BadRequestError(
                        f"The request body is longer than {MAX_BODY_BYTES:,} bytes. Send a shorter one.", 413
                    )
    except TimeoutError:
        raise BadRequestError(
            "The request body did not arrive before the deadline. Send the request again.", 408
        ) from None
    except ClientDisconnect:
        raise BadRequestError(
            "The client disconnected before the request body was complete. Send the request again."
        ) from None
    return bytes(body)


def _from_query(request: Request) -> GraphQLRequest:
    """Return the operation in the URL parameters of a GET request."""
    return GraphQLRequest(
        query=request.query_params.get("query"),
        variables=_parameter(request, "variables"),
        operation_name=request.query_params.get("operationName"),
        extensions=_parameter(request, "extensions"),
    )


def _parameter(request: Request, name: str) -> dict[str, Any] | None:
    """Return a URL parameter that is a JSON object, or None if it is missing or empty."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return msgspec.json.decode(check_json_depth(text.encode()), type=dict[str, Any] | None)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(f"The URL parameter {name} must be a JSON object.") from None
