"""The carriers that the service uses: the one place that chooses an HTTP library."""

from importlib.util import find_spec

from .carrier import Carrier
from .environment import trusted_certificates


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
