"""What the code of providers reports to the metrics and the traces of a service. It does not depend on either."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from schema.reconciliation import Severity

from .account import AccountRef


class CallObserver(Protocol):
    """Observes the calls of accounts."""

    def call_ended(self, account_ref: AccountRef, seconds: float, status: int | None, cause: str | None) -> None:
        """One attempt of a call has ended. `status` is None if none arrived. `cause` is None after a success."""

    def rate_limit_waited(self, account_ref: AccountRef, seconds: float) -> None:
        """A call has waited for the rate limit of its host, maybe for no time."""

    def breaker_changed(self, account_ref: AccountRef, *, is_open: bool) -> None:
        """The circuit breaker of an account was created, has opened or has closed."""

    def stale_served(self, account_ref: AccountRef) -> None:
        """An expired value has replaced a failure."""

    def invoice_restated(self, account_ref: AccountRef) -> None:
        """An issued invoice has changed."""

    def discrepancy_found(self, account_ref: AccountRef, severity: Severity) -> None:
        """A check was computed and did not come out exact."""


class Unobserved:
    """A CallObserver that ignores everything."""

    def call_ended(self, account_ref: AccountRef, seconds: float, status: int | None, cause: str | None) -> None: ...

    def rate_limit_waited(self, account_ref: AccountRef, seconds: float) -> None: ...

    def breaker_changed(self, account_ref: AccountRef, *, is_open: bool) -> None: ...

    def stale_served(self, account_ref: AccountRef) -> None: ...

    def invoice_restated(self, account_ref: AccountRef) -> None: ...

    def discrepancy_found(self, account_ref: AccountRef, severity: Severity) -> None: ...


UNOBSERVED = Unobserved()


class CacheCounts(msgspec.Struct):
    """How often a cache was asked for a resource since the start. Plain numbers, because a hit must cost nothing."""

    hits: int = 0  # fresh values in memory
    fetches: int = 0  # requests that started a fetch
    joined: int = 0  # requests that waited for a fetch in progress


class CallSpan(Protocol):
    """The span of one attempt of a call. `headers` carry its context to the provider."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of W3C Trace Context."""

    def end(self, status: int | None, cause: str | None) -> None:
        """End the span. `status` is None if none arrived. `cause` is None after a success."""


class Trace(Protocol):
    """The trace of an operation, to which its calls belong."""

    def start_call(self, account_ref: AccountRef, attempt: int) -> CallSpan:
        """Start the span of an attempt. The first attempt is 1."""
