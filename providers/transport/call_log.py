"""The log line of a failed call. It holds neither addresses nor credentials."""

from http import HTTPStatus

import structlog

from providers.errors import NotFound, ProviderError

_log = structlog.get_logger()


def log_failed_call(failure: ProviderError, attempt: int, duration_seconds: float) -> None:
    """Log a call that failed after so many attempts. A 404 is no failure: clients can ask for any invoice."""
    if isinstance(failure, NotFound) and failure.status == HTTPStatus.NOT_FOUND:
        return
    _log.warning(
        "A call to a provider failed.",
        account=failure.account_ref.id,
        provider=failure.account_ref.provider,
        code=failure.code.name,
        cause=failure.cause and failure.cause.value,
        status=failure.status,
        provider_code=failure.provider_code,
        provider_ref=failure.provider_ref,
        attempt=attempt,
        duration_seconds=round(duration_seconds, 3),
    )
