"""One GraphQL operation as HTTP carries it: read, checked for its form, or refused with a sentence."""

import asyncio
from typing import Any

import msgspec
from graphql import GraphQLError, OperationDefinitionNode, parse
from starlette.requests import ClientDisconnect, Request

MAX_BODY = 100_000  # bytes of a request
_EXAMPLE = '{"query": "{ providers { id } }", "variables": {}, "operationName": null}'


class BadRequestError(Exception):
    """The HTTP request holds no operation that can be run; the message says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Operation(msgspec.Struct, rename="camel"):
    """The parameters of a GraphQL request, as they stand in its JSON body; other members are ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read(request: Request, end: float) -> Operation:
    """The operation in a request that has arrived by `end` on the loop's clock; raises BadRequestError."""
    operation = _from_query(request) if request.method == "GET" else await _from_body(request, end)
    if not operation.query:
        raise BadRequestError("The request has no query.")
    if not operation.operation_name and _several(operation.query):
        raise BadRequestError("The document has several operations: name the one to run in operationName.")
    return operation


async def _from_body(request: Request, end: float) -> Operation:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequestError("Send the operation as application/json.", 415)
    try:
        operation = msgspec.json.decode(await _body(request, end), type=Operation)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(f"Send one JSON object such as {_EXAMPLE}.") from None
    operation.operation_name = operation.operation_name or None
    return operation


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


def _from_query(request: Request) -> Operation:
    """The parameters of a GET request; variables are JSON."""
    params = request.query_params
    variables = params.get("variables")
    try:
        decoded = msgspec.json.decode(variables, type=dict[str, Any] | None) if variables else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError("The parameter variables has to be one JSON object.") from None
    return Operation(query=params.get("query"), variables=decoded, operation_name=params.get("operationName") or None)


def _several(query: str) -> bool:
    """Whether there is more than one operation to run. GraphQL refuses to guess; Strawberry would run the first."""
    if query.count("query") < 2:
        return False
    try:
        document = parse(query)
    except GraphQLError:
        return False  # said where it is run
    return sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions) > 1
