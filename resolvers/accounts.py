"""Registry of the accounts in use, with their sources and their health."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import strawberry

from providers.account import AccountRef
from providers.cache.source import CachedSource
from providers.errors import ProviderError
from providers.registry import ProviderSpec
from schema.account import Account, AccountHealth, HealthStatus, Provider
from schema.coverage import FailureCode


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

    account: Account
    spec: ProviderSpec
    source: CachedSource
    health_record: HealthRecord = field(default_factory=HealthRecord)

    @property
    def id(self) -> str:
        return str(self.account.id)

    @property
    def is_unlisted(self) -> bool:
        """Whether there may be invoices that neither a list nor the configuration names."""
        return not self.spec.has_list_endpoint and not self.source.settings.names_every_invoice

    @property
    def account_ref(self) -> AccountRef:
        return self.source.settings.account_ref


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
        self.providers = [Provider(id=strawberry.ID(spec.id), name=spec.name) for spec in self._specs.values()]
        health_records = {account.id: account.health_record for account in previous or ()}
        accounts = (self._connect(source, health_records) for source in sources)
        self._accounts = {account.id: account for account in accounts}

    def _connect(self, source: CachedSource, health_records: Mapping[str, HealthRecord]) -> ConnectedAccount:
        settings = source.settings
        account = Account(
            id=strawberry.ID(settings.account_ref.id),
            name=settings.name or settings.id,
            sandbox=settings.sandbox,
            provider_id=settings.provider,
        )
        health_record = health_records.get(str(account.id)) or HealthRecord()
        return ConnectedAccount(account, self._specs[settings.provider], source, health_record)

    def __getitem__(self, account_id: str) -> ConnectedAccount:
        return self._accounts[account_id]

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._accounts

    def __iter__(self) -> Iterator[ConnectedAccount]:
        return iter(self._accounts.values())

    def restricted_to(self, accounts: Iterable[ConnectedAccount]) -> "AccountRegistry":
        """Return a registry of these accounts only, with every provider. Sources and health records are the same."""
        return AccountRegistry(self._specs.values(), [account.source for account in accounts], self)

    def provider(self, provider_id: str) -> Provider:
        return next(provider for provider in self.providers if provider.id == provider_id)

    def select(
        self, accounts: Sequence[str] | None = None, providers: Sequence[str] | None = None
    ) -> list[ConnectedAccount]:
        """Return the accounts whose ids are in both lists. None instead of a list allows every id."""
        return [
            account
            for account in self
            if (accounts is None or account.id in accounts) and (providers is None or account.spec.id in providers)
        ]
