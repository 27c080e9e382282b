"""The carriers that the service uses: the one place that chooses an HTTP library."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from providers.settings import is_loopback

from .carrier import Carrier
from .environment import Proxies, trusted_certificates


def open_carrier(proxy: str | None = None) -> Carrier:
    """Return a carrier whose calls all go through `proxy`, or directly to their hosts if it is None.

    It is reqwest, or httpx where ry has no wheel.
    """
    certificates = trusted_certificates()
    if find_spec("ry") is None:
        from .httpx_carrier import HttpxCarrier, create_transport  # noqa: PLC0415 (not used everywhere)

        return HttpxCarrier(create_transport(certificates, proxy))
    from .reqwest import ReqwestCarrier  # noqa: PLC0415 (not installed everywhere)

    return ReqwestCarrier(certificates, proxy)


class Carriers:
    """The open carriers, one for each proxy that the environment names, and one without."""

    def __init__(self) -> None:
        self._proxies, self._by_proxy = Proxies(), dict[str | None, Carrier]()

    def for_url(self, url: str) -> Carrier:
        """Return the carrier of calls to a URL. Calls to a loopback address use no proxy."""
        proxy = None if is_loopback(urlsplit(url).hostname) else self._proxies.for_url(url)
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = open_carrier(proxy)
        return self._by_proxy[proxy]

    async def close(self) -> None:
        for carrier in self._by_proxy.values():
            await carrier.aclose()
