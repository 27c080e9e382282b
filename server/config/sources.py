"""Opens the sources of configured accounts without calls: a provider that cannot use an account is told at the start.

The service itself opens a source at its first use, because most of many thousand accounts are never read.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from providers import PROVIDERS
from providers.errors import FailureCause
from providers.settings import AccountSettings
from providers.transport.carrier import CarrierRequest, CarrierResponse, NetworkFailure
from providers.transport.key_file import create_client

from .messages import MAX_PROBLEMS

MOST = (
    20  # accounts of each provider that are tried: a source that cannot be opened is most often a bug of its provider
)


class _Unconnected:
    """A Carrier without a network: every call fails."""

    async def get(self, _: CarrierRequest) -> CarrierResponse:
        raise NetworkFailure(FailureCause.UNREACHABLE)

    async def aclose(self) -> None: ...


def account_problems(accounts: Sequence[AccountSettings]) -> list[str]:
    """Return a sentence for each account that cannot be used, at most MAX_PROBLEMS."""
    return list(islice(_problems(accounts), MAX_PROBLEMS))


def _problems(accounts: Sequence[AccountSettings]) -> Iterator[str]:
    """Yield a sentence for each account whose source cannot be opened, of the first MOST of each provider.

    It has the type of the exception only: its text could have a part of the key.
    """
    tried, carrier = Counter[str](), _Unconnected()
    for number, account in enumerate(accounts, 1):
        tried[account.provider] += 1
        if tried[account.provider] > MOST:
            continue
        try:
            PROVIDERS[account.provider].source(account, create_client(account, carrier))
        except Exception as error:  # noqa: BLE001 (another package's code)
            yield (
                f"accounts[{number}] ({json.dumps(account.id)}): the provider {json.dumps(account.provider)} cannot "
                f"open this account ({type(error).__name__}). Correct its keys, or the package of the provider."
            )
