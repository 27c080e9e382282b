"""The errors of provider calls.

    ProviderError
    ├── Unauthorized     401, or a 404 that speaks of the key
    ├── Forbidden        403
    ├── NotFound         404 of a list, of an invoice's line items, or of an invoice that the configuration names;
    │                    any 404 before the first call succeeds, and a 500 with the code ResourceNotFound
    ├── RateLimited      429, or the configured rate limit does not let the call leave before the deadline
    ├── TooManyCalls     the request has made as many provider calls as one request may
    ├── TimedOut         no response before the deadline
    ├── Unavailable      any other status, no connection, a broken connection, or an open circuit breaker
    ├── Unintelligible   a body that is truncated, is not JSON, or does not have the documented form
    └── Computing        202 until the deadline

Each error carries the account, a failure code of the schema, and a message for users. Messages hold neither
addresses nor credentials.
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from schema.coverage import FailureCode

from .account import AccountRef


class FailureCause(Enum):
    """Why a call failed, for operators. Clients never see it. The value is the word for the log."""

    sentence: str  # for people

    NO_SUCH_HOST = "no_such_host", "The host name does not exist."
    REFUSED = "connection_refused", "Nothing listens at the host and port."
    UNKNOWN_AUTHORITY = "unknown_authority", "No trusted authority issued the certificate of the host."
    WRONG_HOST_NAME = "wrong_host_name", "The certificate of the host is for another host name."
    EXPIRED = "certificate_expired", "The certificate of the host has expired."
    INVALID_CERTIFICATE = "invalid_certificate", "The certificate of the host is not valid."
    NOT_TLS = "not_tls", "The port does not speak TLS."
    TLS_HANDSHAKE = "tls_handshake", "The host and the service could not agree on TLS."
    CONNECT_TIMEOUT = "connect_timeout", "The host did not accept a connection in time."
    PROXY = "proxy", "The proxy did not connect to the host."
    UNREACHABLE = "unreachable", "No connection to the host was possible."
    DISCONNECTED = "disconnected", "The host closed the connection before its response."
    NOT_HTTP = "not_http", "The port does not speak HTTP."
    INVALID_ADDRESS = "invalid_address", "The address of the call is not valid."
    STATUS = "status", "The provider returned an error."
    INVALID_REQUEST = "invalid_request", "The provider refused the request as invalid."
    NO_RESPONSE = "no_response", "No response arrived before the deadline."
    HELD_BACK = "held_back", "Other calls of the account, or its rate limit, held the call back until the deadline."
    PAUSED = "paused", "Calls are paused after several failures in a row."
    CUT_SHORT = "cut_short", "The body of the response is cut short."
    TOO_LONG = "too_long", "The body of the response is too long."
    EXPANDS_TOO_FAR = "expands_too_far", "The body of the response expands too far when it is decompressed."
    UNEXPECTED_ENCODING = "unexpected_encoding", "The body of the response has an encoding that was not requested."

    def __new__(cls, value: str, sentence: str) -> "FailureCause":
        """Create a member whose value is the first word of its tuple."""
        member = object.__new__(cls)
        member._value_, member.sentence = value, sentence
        return member


_INVALID_REQUEST = "{provider} refused a request of account {account} as invalid."


class ProviderError(Exception):
    """A failed call for one account at one provider.

    `detail` says more about the failure; users see it after the message and a colon. `retryable` says whether another
    attempt may succeed. `retry_after` is the number of seconds that the provider asks callers to wait, or None.
    `cause` is None if the code says enough. `status` is None if no response arrived. `provider_code` and `provider_ref`
    are words of the response for the log; users never see them.
    """

    code: ClassVar[FailureCode]
    template: ClassVar[str]  # of the message. Do not pass `detail` if it has two sentences

    def __init__(
        self,
        account_ref: AccountRef,
        detail: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        cause: FailureCause | None = None,
        status: int | None = None,
        provider_code: str | None = None,
        provider_ref: str | None = None,
    ) -> None:
        self.account_ref = account_ref
        self.retryable = retryable
        self.retry_after = retry_after
        self.cause, self.status = cause, status
        self.provider_code, self.provider_ref = provider_code, provider_ref
        template = _INVALID_REQUEST if cause is FailureCause.INVALID_REQUEST else self.template
        message = template.format(provider=account_ref.provider_name, account=account_ref.account)
        super().__init__(f"{message[:-1]}: {detail}." if detail else message)

    @property
    def word(self) -> str:
        """The cause in a word for metrics and traces. Without a cause, the code."""
        return self.code.name.lower() if self.cause is None else str(self.cause.value)

    @property
    def explanation(self) -> str | None:
        """The cause in a sentence for operators, or None if the message says enough."""
        if self.cause in {FailureCause.STATUS, FailureCause.INVALID_REQUEST}:
            return f"The provider returned status {self.status}."
        return self.cause and self.cause.sentence


class Unauthorized(ProviderError):
    code = FailureCode.UNAUTHORIZED
    template = "{provider} refused the key of account {account}."


class Forbidden(ProviderError):
    code = FailureCode.FORBIDDEN
    template = "{provider} does not allow the key of account {account} to read invoices."


class NotFound(ProviderError):
    code = FailureCode.NOT_FOUND
    template = "{provider} did not find what account {account} requested. Check the ids in its configuration."


class RateLimited(ProviderError):
    code = FailureCode.RATE_LIMITED
    template = "The rate limit of {provider} allows account {account} no more requests now. Retry in a minute."


class TooManyCalls(RateLimited):
    template = (
        "The request needs too many provider calls, those of account {account} at {provider} included. Request less."
    )


class TooManyCallsOfCaller(RateLimited):
    template = (
        "Your requests have used up the provider calls of a minute, so account {account} at {provider} was not called. "
        "Retry in a minute."
    )


class TimedOut(ProviderError):
    code = FailureCode.TIMED_OUT
    template = "{provider} did not respond to account {account} before the deadline."


class Unavailable(ProviderError):
    code = FailureCode.UNAVAILABLE
    template = "{provider} could not be reached for account {account}, or it returned an error."


class Unintelligible(ProviderError):
    code = FailureCode.UNINTELLIGIBLE
    template = "{provider} sent account {account} a response that cannot be understood."


class Computing(ProviderError):
    code = FailureCode.COMPUTING
    template = "{provider} is still computing what account {account} requested. Retry in a minute."


ERROR_BY_STATUS: dict[int, type[ProviderError]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 429: RateLimited}


def most_common(failures: Sequence[ProviderError]) -> ProviderError:
    """Return the first failure of the most common code. It represents all of `failures`, which must not be empty."""
    if len(failures) == 1:
        return failures[0]
    (code, _), *_ = Counter(failure.code for failure in failures).most_common(1)
    return next(failure for failure in failures if failure.code is code)


def require_invoice(invoice_id: str, account_ref: AccountRef, provider_key: str) -> None:
    """Raise Unintelligible if the id is not that of the requested invoice: the provider returned another one."""
    if invoice_id != account_ref.invoice_id(provider_key):
        raise Unintelligible(account_ref, "it is about another invoice")
