"""Fetches the key set of an issuer over the carrier of provider calls, with bounds on time and size."""

import asyncio

import msgspec
from pydantic import TypeAdapter, ValidationError

from providers.settings import BaseUrl
from providers.transport.carrier import CarrierRequest, NetworkFailure
from providers.transport.carriers import Carriers
from server.config.access import JwtSettings
from server.config.private_file import MAX_BYTES

FETCH_SECONDS = 5.0  # for the document of the issuer and for its keys, together
DISCOVERY_PATH = "/.well-known/openid-configuration"
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "invoicegraph"}
_URL: TypeAdapter[str] = TypeAdapter(BaseUrl)


class FetchError(Exception):
    """The keys could not be fetched. The message is for the log: it has no URL."""


class _Discovery(msgspec.Struct):
    """The members of OpenID Connect Discovery that matter here."""

    issuer: str
    jwks_uri: str


class JwksFetcher:
    """Fetches the keys of one issuer."""

    def __init__(self, settings: JwtSettings) -> None:
        self._issuer, self._jwks_url = settings.issuer, settings.jwks_url
        self._discovery_url = settings.discovery_url or settings.issuer.rstrip("/") + DISCOVERY_PATH
        self._carriers = Carriers()

    async def fetch(self) -> bytes:
        """Return the key set. Raises FetchError."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await self._get(self._jwks_url or await self._discover())
        except TimeoutError:
            raise FetchError(f"no response within {FETCH_SECONDS:g} seconds") from None

    async def _discover(self) -> str:
        """Return the URL of the keys. Raises FetchError if the document is of another issuer or names no safe URL."""
        content = await self._get(_checked(self._discovery_url))
        try:
            document = msgspec.json.decode(content, type=_Discovery)
        except (msgspec.MsgspecError, RecursionError):
            raise FetchError("the discovery document is unreadable") from None
        if document.issuer != self._issuer:
            raise FetchError("the discovery document is of another issuer")
        return _checked(document.jwks_uri)

    async def _get(self, url: str) -> bytes:
        try:
            response = await self._carriers.for_url(url).get(CarrierRequest(url, _HEADERS))
        except NetworkFailure as failure:
            raise FetchError(failure.cause.value) from None
        if response.status != 200:
            raise FetchError(f"status {response.status}")
        if response.failure is not None or "content-encoding" in response.headers:
            raise FetchError("the body is cut short, too long or compressed")
        if len(response.body) > MAX_BYTES:
            raise FetchError(f"the body is longer than {MAX_BYTES:,} bytes")
        return response.body

    async def close(self) -> None:
        await self._carriers.close()


def _checked(url: str) -> str:
    """Return the URL. Raises FetchError unless it is https, or http on this machine."""
    try:
        return _URL.validate_python(url)
    except ValidationError:
        raise FetchError("a URL of the issuer is not https") from None
