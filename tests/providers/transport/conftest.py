"""Both carriers."""

import pytest

from providers.transport.carrier import Carrier
from providers.transport.environment import trusted_certificates
from providers.transport.httpx_carrier import HttpxCarrier, create_transport
from providers.transport.reqwest import ReqwestCarrier

from .carrying import Open


@pytest.fixture(params=["reqwest", "httpx"])
def open_carrier(request: pytest.FixtureRequest) -> Open:
    """Return a function that opens a carrier, with the proxy of its argument."""

    def open_one(proxy: str | None = None) -> Carrier:
        if request.param == "reqwest":
            return ReqwestCarrier(trusted_certificates(), proxy)
        return HttpxCarrier(create_transport(trusted_certificates(), proxy))

    return open_one
