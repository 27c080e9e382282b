"""Feed of invoice changes: each watched account is polled once for all its subscribers."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from contextvars import Context

import structlog
from graphql import GraphQLError

from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError
from schema.coverage import FailureCode
from schema.filters import InvoiceFilter
from schema.invoice import Invoice
from schema.subscription import InvoiceChange, InvoiceChangeKind

from .accounts import AccountRegistry, ConnectedAccount
from .change_detector import ChangeDetector
from .clock import utc_now
from .filters import compile_filter
from .grants import EVERYTHING, Grants
from .invoices import candidate_accounts
from .payment_terms import PaymentTerms
from .views import Views

MAX_PENDING_CHANGES = 1_000  # changes that a subscriber may be behind
MIN_POLL_SECONDS = 10.0  # seconds that a poll may take, even if the next one is due earlier
_log = structlog.get_logger()


class SubscriberLagged(GraphQLError):
    """A subscriber fell so far behind that changes would be lost."""

    def __init__(self) -> None:
        message = "The subscription fell too far behind: read the list, and subscribe again."
        super().__init__(message, extensions={"code": FailureCode.UNAVAILABLE.name})


class Subscriber:
    """Queue of a subscriber's undelivered changes. It keeps only the newest change of each kind to each invoice."""

    def __init__(self, filter_by: InvoiceFilter | None, grants: Grants, terms: PaymentTerms) -> None:
        self._filter_by, self._predicate, self.grants = filter_by, compile_filter(filter_by, terms), grants
        self._pending: dict[tuple[InvoiceChangeKind, str], InvoiceChange] = {}
        self._wakeup = asyncio.Event()
        self._has_lagged = False

    def candidate_accounts(self, registry: AccountRegistry) -> list[ConnectedAccount]:
        """Return the accounts whose invoices can match: no account if the filter matches nothing."""
        if self._predicate.matches_nothing:
            return []
        return [each for each in candidate_accounts(registry, self._filter_by) if self._predicate.can_match(each)]

    def publish(self, change: InvoiceChange) -> None:
        if self._predicate(change.invoice):
            key = change.kind, str(change.invoice.id)
            self._pending.pop(key, None)
            self._pending[key] = change
            self._wakeup.set()
        if len(self._pending) > MAX_PENDING_CHANGES:
            self._has_lagged = True
            self._pending.clear()

    async def changes(self) -> AsyncGenerator[InvoiceChange, None]:
        """Yield changes as they are published. Raises SubscriberLagged if too many are pending."""
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            while self._pending and not self._has_lagged:
                yield self._pending.pop(next(iter(self._pending)))
            if self._has_lagged:
                raise SubscriberLagged


class ChangeFeed:
    """Polls each watched account at the poll interval, and publishes its changes to the subscribers that may see it.

    All subscribers share the polls of an account, whatever their grants.
    """

    def __init__(self, views: Views, interval_seconds: float) -> None:
        self._views, self._interval_seconds = views, interval_seconds
        self.subscribers: dict[Subscriber, set[str]] = {}  # to the ids of the accounts that each one watches
        self.polls: dict[str, asyncio.Task[None]] = {}  # by account id

    async def watch(
        self, filter_by: InvoiceFilter | None, grants: Grants = EVERYTHING
    ) -> AsyncGenerator[InvoiceChange, None]:
        """Yield the changes of matching invoices from now on. Raises BadUserInput and SubscriberLagged."""
        terms = PaymentTerms(lambda: self._views.of(grants).accounts, utc_now)
        subscriber = Subscriber(filter_by, grants, terms)
        with self._subscribed(subscriber):
            async for change in subscriber.changes():
                if change.invoice.account_id in self._views.of(grants).accounts:  # no reload has removed it meanwhile
                    yield change

    def set_interval(self, seconds: float) -> None:
        """Set the poll interval, from the next poll on."""
        self._interval_seconds = seconds

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
        """Start and stop polls, because subscribers or the configured accounts may have changed."""
        for subscriber in self.subscribers:
            accounts = subscriber.candidate_accounts(self._views.of(subscriber.grants).accounts)
            self.subscribers[subscriber] = {account.id for account in accounts}
        watched_ids = set().union(*self.subscribers.values())
        for account_id in self.polls.keys() - watched_ids:
            self.polls.pop(account_id).cancel()
        for account_id in watched_ids - self.polls.keys():
            # An empty context: the log entries of the poll do not belong to the request that starts it.
            self.polls[account_id] = asyncio.create_task(self._poll(account_id), context=Context())

    async def _poll(self, account_id: str) -> None:
        """Poll an account until cancelled. The first poll is the baseline for later ones."""
        detector = ChangeDetector()
        while True:
            next_poll_at = loop_time() + self._interval_seconds
            await self._poll_once(account_id, detector)
            self._reconcile()
            await asyncio.sleep(next_poll_at - loop_time())

    async def _poll_once(self, account_id: str, detector: ChangeDetector) -> None:
        call = CallContext(loop_time() + max(self._interval_seconds, MIN_POLL_SECONDS), bypass_cache=True)
        try:
            registry = self._views.of(EVERYTHING).accounts
            if account_id in registry:
                async for kind, invoice in detector.poll(registry[account_id].source, call):
                    self._publish(account_id, kind, invoice)
        except ProviderError as failure:
            _log.warning("A poll of a watched account failed.", account=account_id, code=failure.code.name)
        except Exception:  # noqa: BLE001 (as in a request, a bug is only logged; the next poll may succeed)
            _log.exception("A poll of a watched account failed.", account=account_id)

    def _publish(self, account_id: str, kind: InvoiceChangeKind, invoice: Invoice) -> None:
        for subscriber, account_ids in self.subscribers.items():
            if account_id in account_ids:
                subscriber.publish(InvoiceChange(kind=kind, invoice=invoice))

    async def close(self) -> None:
        """Cancel every poll, and wait until each has ended."""
        polls = list(self.polls.values())
        self.polls.clear()
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
