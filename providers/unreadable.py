"""Log lines about facts that are in a response, but cannot be read. They name keys and hold no values."""

from collections.abc import Sequence

import structlog

from .account import AccountRef

_log = structlog.get_logger()


def log_unread_money(account_ref: AccountRef, provider_key: str, keys: Sequence[str]) -> None:
    """Warn that line items seem to hold money under keys that are not known."""
    _log.warning(
        "Line items have amounts under unknown keys.", account=account_ref.id, invoice=provider_key, keys=list(keys)
    )
