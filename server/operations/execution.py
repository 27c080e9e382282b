"""The execution of one operation, up to its deadline."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from execution.executor import Executor
from resolvers.request import RequestContext

from .operation import OperationRequest, operation_payload
from .response import DeadlineExceeded, GraphQLResponse

T = TypeVar("T")


async def execute(
    executor: Executor, operation: OperationRequest, context: RequestContext, max_bytes: int
) -> GraphQLResponse:
    """Return the serialized response to an operation. Raises ResponseTooLarge if it is longer than this."""
    result = await executor.execute()

    def respond() -> GraphQLResponse:
        payload = operation_payload(operation, result, context.outcomes)
        outcomes = None if result.errors else context.outcomes
        response = GraphQLResponse(payload, outcomes=outcomes, operation_name=operation.name)
        return response.check_size(max_bytes, in_turns=executor.work is not None)

    response: GraphQLResponse = await executor.run(respond)
    return response


async def with_deadline(deadline: float, context: RequestContext, result: Awaitable[T]) -> T:
    """Return the result of an execution. Raises DeadlineExceeded if it is not there at the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            return await result
    except TimeoutError:
        raise DeadlineExceeded(context.outcomes) from None
