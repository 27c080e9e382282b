"""Other forms of Palette's bodies, which its sandbox sends on order."""

from collections.abc import Mapping
from http.client import NOT_FOUND
from typing import Any

from starlette.responses import Response

from providers.sandbox.data import encode
from providers.sandbox.faults import Shape

_AMOUNTS = {"amount", "billableCredits", "usedCredits", "totalUsedCredits", "breachedCredits"}


def _free_month(invoice: Any) -> Any:
    """Charge nothing: Palette omits all amounts, because they are 0."""
    products = invoice["status"]["productInvoice"]
    free = {
        name: {key: value for key, value in product.items() if key not in _AMOUNTS}
        for name, product in products.items()
    }
    status = {key: value for key, value in invoice["status"].items() if key != "billableAmount"}
    return invoice | {"status": status | {"productInvoice": free, "projects": None}}


def _refused_key(_invoice: Any) -> Response:
    """Refuse the key with 404, as Palette does for some keys. The message holds the key."""
    body = {"code": "ResourceNotFound", "message": "ApiKey sandbox-palette-key not found", "ref": "ref-5ca1ab1e"}
    return Response(encode(body), NOT_FOUND, media_type="application/json")


SHAPES: Mapping[str, Shape] = {"free_month": _free_month, "refused_key": _refused_key}
