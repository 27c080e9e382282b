"""Carries calls with any transport of httpx."""

import socket
import ssl
from collections.abc import Iterator
from typing import cast

import httpx

from execution.turns import Work
from providers.errors import FailureCause

from .carrier import (
    CONNECT_TIMEOUT,
    IDLE_TIMEOUT,
    MAX_BODY,
    READ_HEADERS,
    CarrierRequest,
    CarrierResponse,
    NetworkFailure,
)

_TIMEOUTS = {"timeout": {"connect": CONNECT_TIMEOUT}}
_CERTIFICATE_CAUSES = {  # by OpenSSL's code of a failed verification
    10: FailureCause.EXPIRED,
    18: FailureCause.UNKNOWN_AUTHORITY,
    19: FailureCause.UNKNOWN_AUTHORITY,
    20: FailureCause.UNKNOWN_AUTHORITY,
    21: FailureCause.UNKNOWN_AUTHORITY,
    62: FailureCause.WRONG_HOST_NAME,
    64: FailureCause.WRONG_HOST_NAME,
}

_NOT_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}  # OpenSSL's words for bytes that are no TLS
_CAUSES: dict[type[BaseException], FailureCause] = {
    ssl.SSLError: FailureCause.TLS_HANDSHAKE,
    socket.gaierror: FailureCause.NO_SUCH_HOST,
    ConnectionRefusedError: FailureCause.REFUSED,
}


def create_transport(certificates: bytes, proxy: str | None = None) -> httpx.AsyncBaseTransport:
    """Return httpx's own transport. It reads no variables of the environment."""
    return httpx.AsyncHTTPTransport(
        verify=ssl.create_default_context(cadata=certificates.decode("ascii", "replace")),
        proxy=proxy,
        trust_env=False,
        limits=httpx.Limits(keepalive_expiry=IDLE_TIMEOUT),
    )


class HttpxCarrier:
    """A Carrier over a transport of httpx, without an httpx client: no provider needs its cookies and redirects."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def get(self, request: CarrierRequest) -> CarrierResponse:
        try:
            response = await self._transport.handle_async_request(request.encoded or _encode(request))
        except httpx.HTTPError as error:
            raise NetworkFailure(_cause(error)) from None
        headers = {name: response.headers[name] for name in READ_HEADERS if name in response.headers}
        try:
            body = await _read_body(response)
        except httpx.HTTPError:
            return CarrierResponse(response.status_code, headers, b"", FailureCause.CUT_SHORT)
        failure = FailureCause.TOO_LONG if body is None else None
        return CarrierResponse(response.status_code, headers, body or b"", failure)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _encode(request: CarrierRequest) -> httpx.Request:
    try:
        request.encoded = httpx.Request("GET", request.url, headers=dict(request.headers), extensions=_TIMEOUTS)
    except httpx.InvalidURL:
        raise NetworkFailure(FailureCause.INVALID_ADDRESS) from None
    return request.encoded  # type: ignore[no-any-return]


async def _read_body(response: httpx.Response) -> bytes | None:
    """Return the body in its content encoding, or None if it is longer than MAX_BODY."""
    stream = cast("httpx.AsyncByteStream", response.stream)  # undecoded, and readable more than once in tests
    body, work = bytearray(), Work()
    try:
        async for chunk in stream:
            await work.pause()
            body += chunk
            if len(body) > MAX_BODY:
                return None
    finally:
        await stream.aclose()
    return bytes(body)


def _cause(error: httpx.HTTPError) -> FailureCause:
    if isinstance(error, httpx.ConnectTimeout):
        return FailureCause.CONNECT_TIMEOUT
    exact = next(filter(None, map(_exact_cause, _reasons(error))), None)
    if exact is not None:
        return exact
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        return FailureCause.NOT_HTTP
    if isinstance(error, httpx.ProxyError):
        return FailureCause.PROXY
    return FailureCause.UNREACHABLE if isinstance(error, httpx.ConnectError) else FailureCause.DISCONNECTED


def _exact_cause(reason: BaseException) -> FailureCause | None:
    """Return what an error of the socket or of TLS says, or None if it is another error."""
    if isinstance(reason, ssl.SSLCertVerificationError):
        return _CERTIFICATE_CAUSES.get(reason.verify_code, FailureCause.INVALID_CERTIFICATE)
    if isinstance(reason, ssl.SSLError) and reason.reason in _NOT_TLS:
        return FailureCause.NOT_TLS
    return next((cause for kind, cause in _CAUSES.items() if isinstance(reason, kind)), None)


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the errors that led to this one. A host with several addresses has one for each."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _reasons(member)
        error = error.__cause__ or error.__context__
