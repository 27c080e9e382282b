"""One HTTP exchange with a provider: it adds the credentials, decompresses the body and classifies network errors."""

import asyncio
import zlib
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from providers.errors import FailureCause, Unavailable, Unintelligible
from providers.settings import AccountSettings

from .carrier import MAX_BODY, Carrier, CarrierRequest, CarrierResponse, NetworkFailure
from .key_redaction import KeyRedaction

ACCEPT_ENCODING = "gzip"  # it expands at most a thousandfold, other encodings up to a millionfold
USER_AGENT = "invoicegraph"
MAX_URL = 64 * 1024  # characters
MAX_EXPANSION = 100  # times; JSON of invoices expands five to thirty times
LONG_COMPRESSED_BODY = 32 * 1024  # bytes; a thread decompresses a longer body
MIN_EXPANSION_LIMIT = 64 * 1024  # bytes; a body that is not longer may expand further
_GZIP, _DEFLATE, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZLIB_HEADER = 8  # the low half of its first byte
_DETAILS = {
    FailureCause.CUT_SHORT: "it is cut short",
    FailureCause.TOO_LONG: "it is too long",
    FailureCause.EXPANDS_TOO_FAR: f"its compressed body expands more than {MAX_EXPANSION} times",
    FailureCause.UNEXPECTED_ENCODING: "it has a content encoding that was not requested",
}


def is_success(status: int) -> bool:
    """Whether a status is 2xx."""
    return status // 100 == 2


class HttpExchange:
    """The HTTP exchanges of one account."""

    def __init__(self, settings: AccountSettings, carrier: Carrier) -> None:
        self._carrier, self._account_ref = carrier, settings.account_ref
        self._redaction = KeyRedaction(settings.api_key)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPT_ENCODING,
            "User-Agent": USER_AGENT,
            settings.key_header: settings.api_key.get_secret_value(),
        }

    def request(self, url: str, params: Mapping[str, str]) -> CarrierRequest:
        """Build a GET request that can be sent any number of times. Raises Unavailable if its URL is too long."""
        query = f"?{urlencode(params, quote_via=quote)}" if params else ""
        if len(url) + len(query) > MAX_URL:  # such as from an id or a cursor that a client wrote
            raise Unavailable(self._account_ref, cause=FailureCause.INVALID_ADDRESS)
        return CarrierRequest(url + query, self._headers)

    async def get(self, request: CarrierRequest) -> CarrierResponse:
        """Send a request and return the response with its body decompressed, whatever its status.

        If the body contains the key, the key is redacted.

        Raises Unavailable if no status arrives, and Unintelligible if the body of a 2xx response is incomplete or
        unusable. Any other response is returned without such a body, because its status is sufficient.
        """
        try:
            response = await self._carrier.get(request)
        except NetworkFailure as failure:
            retryable = failure.cause is not FailureCause.INVALID_ADDRESS
            raise Unavailable(self._account_ref, retryable=retryable, cause=failure.cause) from None
        if "content-encoding" in response.headers:
            is_long = len(response.body) > LONG_COMPRESSED_BODY
            response = await asyncio.to_thread(_decompress, response) if is_long else _decompress(response)
        if self._redaction.applies_to(response.body):
            response = msgspec.structs.replace(response, body=self._redaction.apply(response.body))
        cause = response.failure
        if cause is not None and is_success(response.status):
            retryable = cause is FailureCause.CUT_SHORT
            raise Unintelligible(self._account_ref, _DETAILS[cause], retryable=retryable, cause=cause)
        return response


def _decompress(response: CarrierResponse) -> CarrierResponse:
    """Return the response with its body decompressed, or with a failure in place of the body."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"} or response.failure is not None or not response.body:
        return response
    body, failure = b"", None
    if encoding == "gzip":
        body, failure = _inflate(response.body, _GZIP)
    elif encoding == "deflate":  # servers send it with and without zlib's header
        has_header = response.body[0] & 0x0F == _ZLIB_HEADER
        body, failure = _inflate(response.body, _DEFLATE if has_header else _RAW_DEFLATE)
    else:  # such as two encodings, by which a few bytes expand to gigabytes
        failure = FailureCause.UNEXPECTED_ENCODING
    return msgspec.structs.replace(response, body=body, failure=failure)


def _inflate(content: bytes, window: int) -> tuple[bytes, FailureCause | None]:
    limit = min(MAX_BODY, max(MIN_EXPANSION_LIMIT, MAX_EXPANSION * len(content)))
    decompressor = zlib.decompressobj(window)
    try:
        body = decompressor.decompress(content, limit + 1)
    except zlib.error:
        return b"", FailureCause.CUT_SHORT
    if len(body) > limit:
        return b"", FailureCause.TOO_LONG if limit == MAX_BODY else FailureCause.EXPANDS_TOO_FAR
    return (body, None) if decompressor.eof else (b"", FailureCause.CUT_SHORT)
