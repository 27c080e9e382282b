"""The accounts of a caller: who they are, and the sources that answer for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import strawberry

from providers.account import AccountRef
from providers.errors import ProviderError
from providers.registry import ProviderSpec
from providers.source import InvoiceSource
from schema.account import Account, AccountHealth, HealthStatus, Provider
from schema.coverage import FailureCode


@dataclass(slots=True)
class HealthRecord:
    """How an account's provider has answered since the service started."""

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    code: FailureCode | None = None  # of the last failure

    def record_success(self, at: datetime) -> None:
        self.last_success_at = max(at, self.last_success_at or at)

    def record_failure(self, failure: ProviderError) -> None:
        self.last_failure_at, self.code = datetime.now(UTC), failure.code

    @property
    def health(self) -> AccountHealth:
        failing = self.last_failure_at is not None and (
            self.last_success_at is None or self.last_failure_at > self.last_success_at
        )
        known = HealthStatus.UNKNOWN if self.last_success_at is None else HealthStatus.HEALTHY
        return AccountHealth(
            status=HealthStatus.FAILING if failing else known,
            last_success_at=self.last_success_at,
            last_failure_at=self.last_failure_at,
            code=self.code if failing else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ConnectedAccount:
    """One account: what the graph says of it, what its provider can do, and who answers for it."""

    account: Account
    spec: ProviderSpec
    source: InvoiceSource
    health_record: HealthRecord = field(default_factory=HealthRecord)

    @property
    def id(self) -> str:
        return str(self.account.id)

    @property
    def owner(self) -> AccountRef:
        return self.source.settings.owner


class AccountRegistry:
    """Every account that a caller may see, in the order of the configuration."""

    def __init__(
        self, kinds: Iterable[ProviderSpec], sources: Iterable[InvoiceSource], before: "AccountRegistry | None" = None
    ) -> None:
        """`before`: the accounts of another configuration; those that stay keep their record."""
        self._specs = {kind.id: kind for kind in kinds}
        self.providers = [Provider(id=strawberry.ID(kind.id), name=kind.name) for kind in self._specs.values()]
        known = {member.id: member.health_record for member in before or ()}
        members = (self._connect(source, known) for source in sources)
        self._accounts = {member.id: member for member in members}

    def _connect(self, source: InvoiceSource, known: Mapping[str, HealthRecord]) -> ConnectedAccount:
        settings = source.settings
        account = Account(
            id=strawberry.ID(settings.owner.id),
            name=settings.name or settings.id,
            sandbox=settings.sandbox,
            provider_id=settings.provider,
        )
        return ConnectedAccount(
            account, self._specs[settings.provider], source, known.get(str(account.id)) or HealthRecord()
        )

    def __getitem__(self, account_id: str) -> ConnectedAccount:
        return self._accounts[account_id]

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._accounts

    def __iter__(self) -> Iterator[ConnectedAccount]:
        return iter(self._accounts.values())

    def provider(self, provider_id: str) -> Provider:
        return next(provider for provider in self.providers if provider.id == provider_id)

    def select(
        self, accounts: Sequence[str] | None = None, providers: Sequence[str] | None = None
    ) -> list[ConnectedAccount]:
        """The accounts that pass both lists; a list that is not given lets all pass."""
        return [
            member
            for member in self
            if (accounts is None or member.id in accounts) and (providers is None or member.spec.id in providers)
        ]
