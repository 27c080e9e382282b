"""The accounts of a caller: who they are, and the sources that answer for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import strawberry

from providers.base import InvoiceSource, ProviderKind
from providers.owner import Owner
from schema.account import Account, Provider


@dataclass(frozen=True, slots=True)
class Member:
    """One account: what the graph says of it, what its provider can do, and who answers for it."""

    account: Account
    kind: ProviderKind
    source: InvoiceSource

    @property
    def id(self) -> str:
        return str(self.account.id)

    @property
    def owner(self) -> Owner:
        return self.source.settings.owner


class Roster:
    """Every account that a caller may see, in the order of the configuration."""

    def __init__(self, kinds: Iterable[ProviderKind], sources: Iterable[InvoiceSource]) -> None:
        self._kinds = {kind.id: kind for kind in kinds}
        self.providers = [Provider(id=strawberry.ID(kind.id), name=kind.name) for kind in self._kinds.values()]
        members = (self._member(source) for source in sources)
        self._members = {member.id: member for member in members}

    def _member(self, source: InvoiceSource) -> Member:
        settings = source.settings
        account = Account(
            id=strawberry.ID(settings.owner.id),
            name=settings.name or settings.id,
            sandbox=settings.sandbox,
            provider_id=settings.provider,
        )
        return Member(account, self._kinds[settings.provider], source)

    def __getitem__(self, account_id: str) -> Member:
        return self._members[account_id]

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._members

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def provider(self, provider_id: str) -> Provider:
        return next(provider for provider in self.providers if provider.id == provider_id)

    def admitted(self, accounts: Sequence[str] | None = None, providers: Sequence[str] | None = None) -> list[Member]:
        """The accounts that pass both lists; a list that is not given lets all pass."""
        return [
            member
            for member in self
            if (accounts is None or member.id in accounts) and (providers is None or member.kind.id in providers)
        ]
