"""Errors of an export, as clients see them."""

from typing import Any

from execution.errors import ErrorCode
from providers.errors import ProviderError


class ExportError(Exception):
    """No file is made. The message says why, and `extensions` has the code."""

    def __init__(
        self, message: str, status: int = 400, code: str = ErrorCode.BAD_USER_INPUT, **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.extensions = {"code": code, **extensions}


def provider_failed(failure: ProviderError) -> ExportError:
    """Return the error of a strict export that cannot be whole."""
    account = failure.account_ref
    message = f"{failure} A file in the mode annotated has what could be read."
    return ExportError(message, 502, failure.code.name, account=account.id, provider=account.provider)
