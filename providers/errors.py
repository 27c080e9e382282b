"""What can go wrong between this service and a provider.

    ProviderError
    ├── Unauthorized     401
    ├── Forbidden        403
    ├── NotFound         404 of a list, or of an invoice that the configuration names
    ├── RateLimited      429
    ├── TimedOut         no answer within the deadline
    ├── Unavailable      another 4xx or 5xx, no connection, one that broke
    ├── Unintelligible   a body that is cut short, is not JSON, or is not what the provider documents
    └── Computing        202 until the deadline

Each carries the account, a code of the schema, and a sentence that may be shown to anybody.
"""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from schema.coverage import FailureCode

from .account import AccountRef


class ProviderError(Exception):
    """A fact about one account at one provider."""

    code: ClassVar[FailureCode]
    sentence: ClassVar[str]

    def __init__(
        self, owner: AccountRef, detail: str = "", *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        self.owner = owner
        self.retryable, self.retry_after = (
            retryable,
            retry_after,
        )  # whether another try may help, and after how many seconds
        message = self.sentence.format(provider=owner.provider_name, account=owner.account)
        super().__init__(f"{message[:-1]}: {detail}." if detail else message)


class Unauthorized(ProviderError):
    code = FailureCode.UNAUTHORIZED
    sentence = "{provider} refused the key of account {account}."


class Forbidden(ProviderError):
    code = FailureCode.FORBIDDEN
    sentence = "{provider} does not let the key of account {account} read invoices."


class NotFound(ProviderError):
    code = FailureCode.NOT_FOUND
    sentence = "{provider} does not know what account {account} is configured to ask for."


class RateLimited(ProviderError):
    code = FailureCode.RATE_LIMITED
    sentence = "{provider} asks account {account} for fewer requests."


class TimedOut(ProviderError):
    code = FailureCode.TIMED_OUT
    sentence = "{provider} did not answer account {account} within the deadline."


class Unavailable(ProviderError):
    code = FailureCode.UNAVAILABLE
    sentence = "{provider} could not be reached for account {account}, or answered with an error of its own."


class Unintelligible(ProviderError):
    code = FailureCode.UNINTELLIGIBLE
    sentence = "{provider} sent account {account} an answer that cannot be understood."


class Computing(ProviderError):
    code = FailureCode.COMPUTING
    sentence = "{provider} is still computing what account {account} asked for; ask again in a minute."


BY_STATUS: dict[int, type[ProviderError]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 429: RateLimited}


def most_common(failures: Sequence[ProviderError]) -> ProviderError:
    """The first of the kind that most of them are of: what one would say of them all."""
    (code, _), *_ = Counter(failure.code for failure in failures).most_common(1)
    return next(failure for failure in failures if failure.code is code)


def require_invoice(invoice_id: str, account_ref: AccountRef, provider_key: str) -> None:
    """Raise Unintelligible if the id is not that of the requested invoice: the provider returned another one."""
    if invoice_id != account_ref.invoice(provider_key):
        raise Unintelligible(account_ref, "it is about another invoice")
