"""Registry of the accounts in use, with their sources and their health."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import strawberry

from execution.list_sizes import KnownSizes
from providers.account import AccountRef
from providers.cache.source import CachedSource
from providers.errors import ProviderError
from providers.registry import ProviderSpec
from schema.account import Account, AccountHealth, HealthStatus, Provider
from schema.coverage import FailureCode
from schema.reconciliation import Check, Verdict

from .list_sizes import account_list_sizes


@dataclass(slots=True)
class HealthRecord:
    """Last success and last failure of an account's provider since the service started."""

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    code: FailureCode | None = None  # of the last failure

    def record_success(self, observed_at: datetime) -> None:
        self.last_success_at = max(observed_at, self.last_success_at or observed_at)

    def record_failure(self, failure: ProviderError) -> None:
        self.last_failure_at, self.code = datetime.now(UTC), failure.code

    @property
    def health(self) -> AccountHealth:
        is_failing = self.last_failure_at is not None and (
            self.last_success_at is None or self.last_failure_at > self.last_success_at
        )
        status_without_failure = HealthStatus.UNKNOWN if self.last_success_at is None else HealthStatus.HEALTHY
        return AccountHealth(
            status=HealthStatus.FAILING if is_failing else status_without_failure,
            last_success_at=self.last_success_at,
            last_failure_at=self.last_failure_at,
            code=self.code if is_failing else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ConnectedAccount:
    """An account with its provider's capabilities, its source and its health."""

    id: str
    account: Account
    spec: ProviderSpec
    source: CachedSource
    health_record: HealthRecord = field(default_factory=HealthRecord)

    @property
    def is_unlisted(self) -> bool:
        """Whether there may be invoices that neither a list nor the configuration names."""
        return not self.spec.has_list_endpoint and not self.source.settings.names_every_invoice

    @property
    def account_ref(self) -> AccountRef:
        return self.source.settings.account_ref

    def report(self, check: Check) -> None:
        """Tell the observer about the outcome of a check, if it is a discrepancy."""
        if check.verdict is not Verdict.EXACT:
            self.source.observer.discrepancy_found(self.account_ref, check.severity)


class AccountRegistry:
    """Every configured account, in the order of the configuration."""

    def __init__(
        self,
        specs: Iterable[ProviderSpec],
        sources: Iterable[CachedSource],
        previous: "AccountRegistry | None" = None,
    ) -> None:
        """`previous`: the registry of the configuration before. Accounts that stay keep their health record."""
        self._specs = {spec.id: spec for spec in specs}
        self._providers = {
            spec.id: Provider(id=strawberry.ID(spec.id), name=spec.name) for spec in self._specs.values()
        }
        accounts = (self._connect(source, previous) for source in sources)
        self._accounts: dict[str, ConnectedAccount] = {account.id: account for account in accounts}

    def _connect(self, source: CachedSource, previous: "AccountRegistry | None") -> ConnectedAccount:
        settings = source.settings
        account_id = settings.account_ref.id
        known = previous[account_id] if previous is not None and account_id in previous else None
        if known is not None and known.source is source:
            return known
        account = Account(
            id=strawberry.ID(account_id),
            name=settings.name or settings.id,
            sandbox=settings.sandbox,
            provider_id=settings.provider,
        )
        health_record = known.health_record if known else HealthRecord()
        return ConnectedAccount(account_id, account, self._specs[settings.provider], source, health_record)

    @cached_property
    def _positions(self) -> dict[str, int]:
        """The position of each account in the configuration, by id."""
        return {account_id: position for position, account_id in enumerate(self._accounts)}

    @cached_property
    def list_sizes(self) -> KnownSizes:
        """The lengths of the graph's lists of accounts."""
        accounts = Counter(account.spec.id for account in self)
        return account_list_sizes([accounts[spec_id] for spec_id in self._specs])

    @cached_property
    def has_sandbox(self) -> bool:
        """Whether the data of an account is simulated."""
        return any(account.account.sandbox for account in self)

    @property
    def providers(self) -> list[Provider]:
        return list(self._providers.values())

    def __getitem__(self, account_id: str) -> ConnectedAccount:
        return self._accounts[account_id]

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._accounts

    def __iter__(self) -> Iterator[ConnectedAccount]:
        return iter(self._accounts.values())

    def restricted_to(self, accounts: Iterable[ConnectedAccount]) -> "AccountRegistry":
        """Return a registry of these accounts only, with every provider. Sources and health records are the same."""
        return AccountRegistry(self._specs.values(), [account.source for account in accounts], self)

    def provider(self, provider_id: str) -> Provider | None:
        """Return a provider. Returns None if there is none by that id."""
        return self._providers.get(provider_id)

    def provider_of(self, account: Account) -> Provider:
        return self._providers[account.provider_id]

    def select(
        self, accounts: Iterable[str] | None = None, providers: Iterable[str] | None = None
    ) -> list[ConnectedAccount]:
        """Return the accounts whose ids are in both collections, in the order of the configuration.

        None instead of a collection allows every id. Few of many accounts are found without a pass over all.
        """
        provider_ids = self._specs.keys() if providers is None else set(providers)
        if accounts is None:
            candidates: Iterable[ConnectedAccount] = self
        else:
            ids = sorted(set(accounts) & self._accounts.keys(), key=self._positions.__getitem__)
            candidates = [self._accounts[id] for id in ids]
        return [account for account in candidates if account.spec.id in provider_ids]
