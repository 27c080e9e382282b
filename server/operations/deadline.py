"""The deadline of an execution."""

import asyncio
from typing import Any

from resolvers.request import RequestContext

from .response import DeadlineExceeded


async def maybe_await(result: Any) -> Any:
    return await result if hasattr(result, "__await__") else result


async def with_deadline(deadline: float, context: RequestContext, result: Any) -> Any:
    """Return the result of an execution. Raises DeadlineExceeded if it is not there at the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            return await maybe_await(result)
    except TimeoutError:
        raise DeadlineExceeded(context.outcomes) from None
