"""Carries calls with reqwest, a widely used HTTP client in Rust, through its Python binding in ry."""

import re
from functools import lru_cache

from ry import URL, Certificate, Client, Duration, Headers, Proxy, ReqwestError, Response

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

MAX_BUFFERED_BODY = 64 * 1024  # bytes; a body whose known length does not exceed it is read in one step

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_NO_PROXY = Proxy.all("http://127.0.0.1:9", no_proxy="*,0.0.0.0/0,::/0")  # for no host; else the environment decides

# reqwest has no codes for its causes: these are names of Rust types in the text of its error, the most exact one first.
_CAUSES = [
    (re.compile(text), cause)
    for text, cause in (
        ("DnsError", FailureCause.NO_SUCH_HOST),
        ("UnknownIssuer", FailureCause.UNKNOWN_AUTHORITY),
        ("NotValidForName", FailureCause.WRONG_HOST_NAME),
        (r"InvalidCertificate\(Expired", FailureCause.EXPIRED),
        ("InvalidCertificate", FailureCause.INVALID_CERTIFICATE),
        ("InvalidMessage", FailureCause.NOT_TLS),
        ("AlertReceived|PeerIncompatible|tls handshake eof", FailureCause.TLS_HANDSHAKE),
        ("TimedOut", FailureCause.CONNECT_TIMEOUT),
        (r"[Tt]unnel|ProxyConnect|Socks", FailureCause.PROXY),
        ("ConnectionRefused", FailureCause.REFUSED),
        (r"legacy::Error\(Connect", FailureCause.UNREACHABLE),
        (r"hyper::Error\(Parse", FailureCause.NOT_HTTP),
    )
]


@lru_cache(maxsize=1)  # each carrier has the same certificates
def _parse_certificates(bundle: bytes) -> list[Certificate]:
    """Return the certificates of a bundle, each once.

    They are parsed one by one: reqwest would keep the whole bundle for each of them, which takes hundreds of megabytes.
    """
    return [Certificate.from_pem(certificate) for certificate in dict.fromkeys(_PEM.findall(bundle))]


class ReqwestCarrier:
    """A Carrier. `certificates` are the trusted authorities in PEM, `proxy` is the proxy of every call."""

    def __init__(self, certificates: bytes, proxy: str | None = None) -> None:
        self._client = Client(
            connect_timeout=Duration(CONNECT_TIMEOUT),
            pool_idle_timeout=Duration(IDLE_TIMEOUT),
            proxy=_NO_PROXY if proxy is None else Proxy.all(proxy),
            tls_certs_only=_parse_certificates(certificates),
            http1_only=True,
            hickory_dns=False,
            redirect=None,
            referer=False,
            user_agent=False,
            gzip=False,
            deflate=False,
            brotli=False,
            zstd=False,
        )

    async def get(self, request: CarrierRequest) -> CarrierResponse:
        url, headers = request.encoded or _encode(request)
        try:
            response = await self._client.get(url, headers=headers)
        except ReqwestError as error:
            raise NetworkFailure(_cause(error)) from None
        try:
            body = await _read_body(response)
        except ReqwestError:
            return CarrierResponse(response.status, _read_headers(response), b"", FailureCause.CUT_SHORT)
        failure = FailureCause.TOO_LONG if body is None else None
        return CarrierResponse(response.status, _read_headers(response), body or b"", failure)

    async def aclose(self) -> None:
        del self._client


def _encode(request: CarrierRequest) -> tuple[URL, Headers]:
    try:
        request.encoded = URL(request.url), Headers(dict(request.headers))
    except ValueError:
        raise NetworkFailure(FailureCause.INVALID_ADDRESS) from None
    return request.encoded  # type: ignore[no-any-return]


def _read_headers(response: Response) -> dict[str, str]:
    headers = response.headers
    return {name: ", ".join(map(_text, headers.get_all(name))) for name in READ_HEADERS if headers.contains_key(name)}


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


async def _read_body(response: Response) -> bytes | None:
    """Return the body, or None if it is longer than MAX_BODY."""
    length = response.content_length
    if length is not None and length <= MAX_BUFFERED_BODY:
        return bytes(await response.bytes())
    body, work = bytearray(), Work()
    async with response.stream() as stream:
        async for chunk in stream:
            await work.pause()
            body += chunk
            if len(body) > MAX_BODY:
                return None
    return bytes(body)


def _cause(error: ReqwestError) -> FailureCause:
    text = str(error).partition(", source: ")[2]  # after the URL, which can hold any word
    return next((cause for pattern, cause in _CAUSES if pattern.search(text)), FailureCause.DISCONNECTED)
