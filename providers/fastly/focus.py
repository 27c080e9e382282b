"""Fastly's facts as columns of FOCUS."""

from providers.focus import FocusMapping, Grain, Service, service_name
from schema.line_item import LineItem

from .details import FastlyLineItemDetails

_NETWORKING = "Networking"
_SERVICES = {  # by product group
    "Full Site Delivery": (_NETWORKING, "Content Delivery"),
    "Compute": ("Compute", "Serverless Compute"),
    "Security": (_NETWORKING, "Network Security"),
    "TLS": ("Security", "Other (Security)"),
    "CS: CSE": ("Management and Governance", "Support"),
}
_OTHER = _NETWORKING, "Other (Networking)"


def _grain(line: LineItem) -> Grain:
    usage_type = line.details.usage_type if isinstance(line.details, FastlyLineItemDetails) else None
    return {
        "ServiceName": service_name(line),
        "RegionId": line.region,
        "SkuMeter": usage_type,
        "x_Product": line.product,
        "x_ProductLine": line.product_line,
    }


def _service(line: LineItem) -> Service:
    category, subcategory = _SERVICES.get(line.product_group or "", _OTHER)
    return Service(category, subcategory, service_name(line) or "Fastly")


FOCUS = FocusMapping(issuer="Fastly", grain=_grain, service=_service, label=lambda line: line.product)
