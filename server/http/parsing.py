"""GraphQL requests as HTTP carries them, read within a deadline and a size."""

import asyncio
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from server.operations.request import (
    MAX_BODY,
    BadRequestError,
    Batch,
    GraphQLRequest,
    check_json_depth,
    parse_batch,
    parse_operation,
)


async def read_request(request: Request, end: float) -> GraphQLRequest | Batch:
    """What a request that has arrived by `end` on the loop's clock asks for; raises BadRequestError."""
    if request.method == "GET":
        return _from_query(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequestError("Send the operation as application/json.", 415)
    body = check_json_depth(await _body(request, end))
    return parse_batch(body) if body.lstrip().startswith(b"[") else parse_operation(body)


async def _body(request: Request, end: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout_at(end):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise BadRequestError(f"The request is longer than {MAX_BODY:,} bytes.", 413)
    except TimeoutError:
        raise BadRequestError("The request did not arrive within the deadline.", 408) from None
    except ClientDisconnect:
        raise BadRequestError("The request broke off.") from None
    return bytes(body)


def _from_query(request: Request) -> GraphQLRequest:
    """The parameters of a GET request."""
    return GraphQLRequest(
        query=request.query_params.get("query"),
        variables=_parameter(request, "variables"),
        operation_name=request.query_params.get("operationName"),
        extensions=_parameter(request, "extensions"),
    )


def _parameter(request: Request, name: str) -> dict[str, Any] | None:
    """A parameter of a GET request that is JSON."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return msgspec.json.decode(check_json_depth(text.encode()), type=dict[str, Any] | None)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(f"The parameter {name} has to be one JSON object.") from None
