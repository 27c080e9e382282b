"""What changes at the accounts that somebody watches: each account is polled once, however many watch it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context

import structlog
from graphql import GraphQLError

from providers.cache.source import bypass_cache
from providers.deadline import deadline, loop_time
from providers.errors import ProviderError
from schema.coverage import FailureCode
from schema.filters import InvoiceFilter
from schema.invoice import Invoice
from schema.subscription import InvoiceChange, InvoiceChangeKind

from .accounts import AccountRegistry, ConnectedAccount
from .change_detector import ChangeDetector
from .filters import compile_filter
from .invoices import candidate_accounts

MAX_PENDING_CHANGES = 1_000  # changes that a subscriber may be behind
MIN_POLL_SECONDS = 10.0  # seconds that a poll has, also where the next one is due earlier
_log = structlog.get_logger()
CurrentAccounts = Callable[[], AccountRegistry]


class SubscriberLagged(GraphQLError):
    """A subscriber fell so far behind that changes would be lost."""

    def __init__(self) -> None:
        message = "The subscription fell too far behind: read the list, and subscribe again."
        super().__init__(message, extensions={"code": FailureCode.UNAVAILABLE.name})


class Subscriber:
    """What one subscriber has not taken yet. Of changes of one kind to one invoice only the newest is kept."""

    def __init__(self, wanted: InvoiceFilter | None) -> None:
        self._wanted, self._match = wanted, compile_filter(wanted)
        self._pending: dict[tuple[InvoiceChangeKind, str], InvoiceChange] = {}
        self._news = asyncio.Event()
        self._overrun = False

    def candidate_accounts(self, roster: AccountRegistry) -> list[ConnectedAccount]:
        """The accounts whose invoices could match; none where nothing can."""
        return [] if self._match.matches_nothing else candidate_accounts(roster, self._wanted)

    def publish(self, change: InvoiceChange) -> None:
        if self._match(change.invoice):
            key = change.kind, str(change.invoice.id)
            self._pending.pop(key, None)
            self._pending[key] = change
            self._news.set()
        if len(self._pending) > MAX_PENDING_CHANGES:
            self._overrun = True
            self._pending.clear()

    async def changes(self) -> AsyncGenerator[InvoiceChange, None]:
        """As they come; raises TooSlow."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._pending and not self._overrun:
                yield self._pending.pop(next(iter(self._pending)))
            if self._overrun:
                raise SubscriberLagged


class ChangeFeed:
    """Polls the accounts that are watched, each in its own time, and tells their subscribers."""

    def __init__(self, in_use: CurrentAccounts, seconds: float) -> None:
        self._in_use, self._seconds = in_use, seconds
        self.subscribers: dict[Subscriber, set[str]] = {}  # with the ids of the accounts that each watches
        self.polls: dict[str, asyncio.Task[None]] = {}  # by the account's id

    async def watch(self, wanted: InvoiceFilter | None) -> AsyncGenerator[InvoiceChange, None]:
        """The changes of matching invoices from now on; raises BadUserInput, and TooSlow."""
        subscriber = Subscriber(wanted)
        with self._subscribed(subscriber):
            async for change in subscriber.changes():
                yield change

    def set_interval(self, seconds: float) -> None:
        """From the next poll on."""
        self._seconds = seconds

    @contextmanager
    def _subscribed(self, subscriber: Subscriber) -> Iterator[None]:
        self.subscribers[subscriber] = set()
        try:
            self._reconcile()
            yield
        finally:
            del self.subscribers[subscriber]
            self._reconcile()

    def _reconcile(self) -> None:
        """Accounts come and go with their subscribers, and with the configuration."""
        roster = self._in_use()
        for subscriber in self.subscribers:
            self.subscribers[subscriber] = {member.id for member in subscriber.candidate_accounts(roster)}
        watched = set().union(*self.subscribers.values())
        for account in self.polls.keys() - watched:
            self.polls.pop(account).cancel()
        for account in watched - self.polls.keys():
            # In a context of its own: the request that happens to begin it has a deadline, and the polls have none.
            self.polls[account] = asyncio.create_task(self._poll(account), context=Context())

    async def _poll(self, account: str) -> None:
        """Asks an account again and again; what is found first is what later findings are compared with."""
        sightings = ChangeDetector()
        bypass_cache.set(True)
        while True:
            due = loop_time() + self._seconds
            await self._poll_once(account, sightings)
            self._reconcile()
            await asyncio.sleep(due - loop_time())

    async def _poll_once(self, account: str, sightings: ChangeDetector) -> None:
        deadline.set(loop_time() + max(self._seconds, MIN_POLL_SECONDS))
        try:
            roster = self._in_use()
            if account in roster:
                async for kind, invoice in sightings.poll(roster[account].source):
                    self._publish(account, kind, invoice)
        except ProviderError as failure:
            _log.warning("an account that is watched could not be read", account=account, code=failure.code.name)
        except Exception:  # noqa: BLE001 (as where a request asks; the next look may go better)
            _log.exception("an account that is watched could not be read", account=account)

    def _publish(self, account: str, kind: InvoiceChangeKind, invoice: Invoice) -> None:
        for subscriber, accounts in self.subscribers.items():
            if account in accounts:
                subscriber.publish(InvoiceChange(kind=kind, invoice=invoice))

    async def close(self) -> None:
        """Ends every poll."""
        polls = list(self.polls.values())
        self.polls.clear()
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
