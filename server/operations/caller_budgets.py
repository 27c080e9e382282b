"""Budgets of each caller: the cost of its operations, and the provider calls for them, per minute."""

import math
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

import structlog

from execution.lru import ByteBoundedLRU
from providers.call import CallBudget
from providers.deadline import loop_time
from providers.refilling_budget import SECONDS, RefillingBudget
from schema.coverage import FailureCode
from server.access.caller import ANONYMOUS, Caller
from server.config.settings import ServerSettings

from .admission import RetryLater

MAX_CALLERS = 10_000  # whose budgets are kept; a caller that was forgotten starts with full budgets
_log = structlog.get_logger()


class CallerRateLimited(RetryLater):
    """The caller has used up its budget of cost."""

    status, code = 429, FailureCode.RATE_LIMITED

    def __init__(self, retry_after: int) -> None:
        message = f"Your operations cost more than this service allows per minute. Retry in {retry_after} seconds."
        super().__init__(message, retry_after)


@dataclass(slots=True)
class CallerBudget:
    """What one caller may still use. None: no bound."""

    cost: RefillingBudget | None
    calls: RefillingBudget | None
    logged_at: float = -math.inf  # on the loop's clock, when a refusal was logged last


class CallerBudgets:
    """The budgets of all callers, by `caller_key`. The least recently used ones are forgotten first."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._budgets: ByteBoundedLRU[str, CallerBudget] = ByteBoundedLRU(MAX_CALLERS)

    def apply_settings(self, settings: ServerSettings) -> None:
        """Use these limits from now on. If they differ, every caller starts with full budgets."""
        if _limits(settings) != _limits(self._settings):
            self._budgets = ByteBoundedLRU(MAX_CALLERS)
        self._settings = settings

    @property
    def bounds_cost(self) -> bool:
        return self._settings.cost_per_minute > 0

    def call_budget(self, key: str) -> CallBudget:
        """Return the provider calls that one request of a caller may make."""
        return CallBudget(self._settings.max_provider_calls, self._of(key).calls)

    def _of(self, key: str) -> CallerBudget:
        """Return the budget of a caller."""
        budget = self._budgets.get(key)
        if budget is None:
            cost, calls = (RefillingBudget(limit) if limit else None for limit in _limits(self._settings))
            budget = CallerBudget(cost, calls)
            self._budgets.put(key, budget, 1)
        return budget

    def charge(self, key: str, cost: int) -> int | None:
        """Take the cost of an operation, and return what is left. None: there is no bound.

        Raises CallerRateLimited if the caller has too little left.
        """
        budget = self._of(key)
        if budget.cost is None:
            return None
        if budget.cost.take(cost):
            return budget.cost.remaining
        retry_after = math.ceil(budget.cost.seconds_until(cost))
        if loop_time() - budget.logged_at >= SECONDS:
            budget.logged_at = loop_time()
            _log.warning("A caller exceeds cost_per_minute. Its operations are refused.", caller=key, cost=cost)
        raise CallerRateLimited(retry_after)


def caller_key(caller: Caller, peer: str | None) -> str:
    """Return the text that identifies a caller: its name, or the address of an anonymous one.

    A host can choose any IPv6 address of its /64 network, so these count as one.
    """
    if caller is not ANONYMOUS:
        return f"name {caller.name}"
    try:
        address = ip_address(peer or "")
    except ValueError:  # a Unix socket has no address
        return ANONYMOUS.name
    if isinstance(address, IPv6Address):
        return f"address {address.ipv4_mapped or ip_network((address, 64), strict=False)}"
    return f"address {address}"


def _limits(settings: ServerSettings) -> tuple[int, int]:
    return settings.cost_per_minute, settings.provider_calls_per_minute
