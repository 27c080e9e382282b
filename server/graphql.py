"""GraphQL over HTTP: a request in, one JSON answer out, with one deadline over all of it."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from providers.api import deadline
from providers.remembered import read_through
from resolvers.context import RequestContext
from resolvers.errors import present
from resolvers.ledger import Ledger
from resolvers.roster import Roster
from schema import Schema

from . import caching
from .gate import Busy, Gate
from .operation import BadRequestError, Operation, read
from .presence import ClientGone, while_present
from .settings import ServerSettings

GRAPHQL_JSON = "application/graphql-response+json"
MAX_RESERVE = 0.5  # seconds of the deadline that are kept for writing the answer down
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger()
Answer = dict[str, Any]
InUse = Callable[[], AbstractContextManager[Roster]]  # the accounts, while a request is answered


class Endpoint:
    """Runs operations for the accounts in use, so many at once, each within so many seconds."""

    def __init__(self, schema: Schema, in_use: InUse, settings: ServerSettings) -> None:
        self._schema, self._in_use = schema, in_use
        self._settings, self._gate = settings, Gate(settings.max_requests)

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    def use(self, settings: ServerSettings) -> None:
        """From now on these; what runs has the turns, and the time, that it was given."""
        self._settings = settings
        if settings.max_requests != self._gate.most:
            self._gate = Gate(settings.max_requests)

    async def __call__(self, request: Request) -> Response:
        request_id, ledger = _request_id(request), None
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                status, answer, ledger = await self._answer(request, request_id)
                body = _written(answer)
            except Exception as error:  # noqa: BLE001 (the last resort: nobody gets a stack)
                shown = present(GraphQLError("", original_error=error), request_id)
                status, answer = 500, {"errors": [shown]}
                body = _written(answer)
        graphql_json = _prefers_graphql_json(request.headers.get("accept", ""))
        if graphql_json and "data" not in answer and status == 200:
            status = 400
        said = caching.headers(request, body, None if "errors" in answer else ledger)
        if caching.unchanged(request, said):
            status, body = caching.NOT_MODIFIED, b""
        if status == 503:
            said["Retry-After"] = "1"
        media_type = GRAPHQL_JSON if graphql_json else "application/json"
        return Response(body, status, headers={"X-Request-Id": request_id, **said}, media_type=media_type)

    async def _answer(self, request: Request, request_id: str) -> tuple[int, Answer, Ledger | None]:
        seconds = self._settings.deadline
        end = asyncio.get_running_loop().time() + seconds
        deadline.set(end - min(MAX_RESERVE, seconds / 10))
        try:
            operation = await read(request, end)
            work = self._in_turn(request, operation, end, request_id)
            return 200, *await while_present(request.receive, work)
        except BadRequestError as error:
            return error.status, refusal(str(error), "BAD_USER_INPUT"), None
        except TimeoutError:
            return 200, {"data": None} | refusal("The answer was not ready within the deadline.", "TIMED_OUT"), None
        except Busy:
            return 503, refusal("The service is busy: ask again in a moment.", "UNAVAILABLE"), None
        except ClientGone:
            return 499, {}, None  # nobody reads it

    async def _in_turn(
        self, request: Request, operation: Operation, end: float, request_id: str
    ) -> tuple[Answer, Ledger]:
        async with self._gate.turn(end):
            with self._in_use() as roster:
                read_through.set(_no_cache(request) and all(member.account.sandbox for member in roster))
                return await self._run(operation, roster, end, request_id)

    async def _run(self, operation: Operation, roster: Roster, end: float, request_id: str) -> tuple[Answer, Ledger]:
        context = RequestContext(roster)
        try:
            async with asyncio.timeout_at(end):
                result = await self._schema.execute(
                    operation.query,
                    variable_values=operation.variables,
                    operation_name=operation.operation_name,
                    context_value=context,
                    allowed_operation_types={OperationType.QUERY},
                )
        except CannotGetOperationTypeError:
            named = f" by the name {json.dumps(operation.operation_name)}" if operation.operation_name else ""
            raise BadRequestError(f"The document has no operation{named}.") from None
        except InvalidOperationTypeError:
            raise BadRequestError("Only queries can be run here.") from None
        finally:
            context.close()
        answer = _shown(result.data, result.errors or [], request_id)
        if asked := context.ledger.entries():
            answer["extensions"] = {"coverage": asked}
        return answer, context.ledger


def refusal(message: str, code: str) -> Answer:
    """The answer to what was not run."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _shown(data: Any, errors: list[GraphQLError], request_id: str) -> Answer:
    """The members of the answer: `data` is there whenever something was executed."""
    shown = [present(error, request_id) for error in errors]
    if not shown:
        return {"data": data}
    executed = data is not None or any("path" in error for error in shown)
    return {"errors": shown, "data": data} if executed else {"errors": shown}


def _written(answer: Answer) -> bytes:
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return json.dumps(answer).encode()


def _request_id(request: Request) -> str:
    """The caller's own id, where it has the form of one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _no_cache(request: Request) -> bool:
    """Whether the caller asks for what the providers say now. It is heard in the sandbox only: calls cost them."""
    directives = ",".join(request.headers.getlist("cache-control")).lower().split(",")
    return "no-cache" in (directive.strip() for directive in directives)


def _prefers_graphql_json(accept: str) -> bool:
    """Whether the caller names GraphQL's own media type, and does not like plain JSON better."""
    weights = dict(_weight(part) for part in accept.lower().split(","))
    wanted = weights.get(GRAPHQL_JSON, 0)
    return wanted > 0 and wanted >= weights.get("application/json", 0)


def _weight(part: str) -> tuple[str, float]:
    """A media range with its q; one that cannot be read counts as 1."""
    media, *parameters = (word.strip() for word in part.split(";"))
    stated = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    return media, float(stated) if re.fullmatch(r"[01](\.[0-9]{0,3})?", stated) else 1
