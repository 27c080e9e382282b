"""GraphQL over HTTP: a request in, one JSON answer out, with one deadline over all of it."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import msgspec
import orjson
import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from providers.api import deadline
from resolvers.context import RequestContext
from resolvers.errors import present
from resolvers.roster import Roster
from schema import Schema

GRAPHQL_JSON = "application/graphql-response+json"
MAX_RESERVE = 0.5  # seconds of the deadline that are kept for writing the answer down
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


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


class Endpoint:
    """Runs operations for one roster of accounts, each within so many seconds."""

    def __init__(self, schema: Schema, roster: Roster, seconds: float) -> None:
        self._schema, self._roster, self._seconds = schema, roster, seconds

    async def __call__(self, request: Request) -> Response:
        request_id = _request_id(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                status, answer = 200, await self._run(await _operation(request), request_id)
            except BadRequestError as error:
                status, answer = error.status, _refusal(str(error), "BAD_USER_INPUT")
        graphql_json = GRAPHQL_JSON in request.headers.get("accept", "")
        if graphql_json and "data" not in answer and status == 200:
            status = 400
        return Response(
            orjson.dumps(answer),
            status,
            headers={"X-Request-Id": request_id, "Cache-Control": "private, no-store"},
            media_type=GRAPHQL_JSON if graphql_json else "application/json",
        )

    async def _run(self, operation: Operation, request_id: str) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        deadline.set(end - min(MAX_RESERVE, self._seconds / 20))
        context = RequestContext(self._roster)
        try:
            async with asyncio.timeout_at(end):
                result = await self._schema.execute(
                    operation.query,
                    variable_values=operation.variables,
                    operation_name=operation.operation_name,
                    context_value=context,
                    allowed_operation_types={OperationType.QUERY},
                )
        except TimeoutError:
            return {"data": None} | _refusal("The answer was not ready within the deadline.", "TIMED_OUT")
        except CannotGetOperationTypeError as error:
            raise BadRequestError(error.as_http_error_reason()) from None
        except InvalidOperationTypeError:
            raise BadRequestError("Only queries can be run here.") from None
        finally:
            context.close()
        return _answer(result.data, result.errors or [], request_id)


def _answer(data: Any, errors: list[GraphQLError], request_id: str) -> dict[str, Any]:
    """The members of the answer: `data` is there whenever something was executed."""
    shown = [present(error, request_id) for error in errors]
    if not shown:
        return {"data": data}
    executed = data is not None or any("path" in error for error in shown)
    return {"errors": shown, "data": data} if executed else {"errors": shown}


def _refusal(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _request_id(request: Request) -> str:
    """The caller's own id, where it has the form of one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


async def _operation(request: Request) -> Operation:
    try:
        if request.method == "GET":
            operation = _from_query(request)
        else:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                raise BadRequestError("Send the operation as application/json.", 415)
            operation = msgspec.json.decode(await request.body(), type=Operation)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(
            'Send one JSON object such as {"query": "{ providers { id } }", "variables": {}, "operationName": null}.'
        ) from None
    if not operation.query:
        raise BadRequestError("The request has no query.")
    return operation


def _from_query(request: Request) -> Operation:
    """The parameters of a GET request; variables are JSON."""
    params = request.query_params
    variables = params.get("variables")
    return Operation(
        query=params.get("query"),
        variables=msgspec.json.decode(variables, type=dict[str, Any]) if variables else None,
        operation_name=params.get("operationName") or None,
    )
