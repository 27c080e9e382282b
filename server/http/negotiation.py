"""Content negotiation: the weights in request headers, and the media types of GraphQL over HTTP."""

import re
from functools import lru_cache

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
EVENT_STREAM, MULTIPART = "text/event-stream", "multipart/mixed"
_ANY_JSON = (JSON, GRAPHQL_JSON, "application/*", "*/*")
_WEIGHT = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")  # RFC 9110, 12.4.2


def parse_weights(header: str, *, strict: bool = False) -> dict[str, float]:
    """Return the weight of each element of a header such as Accept, by the element's name in lower case.

    An element without a weight has 1, and one whose weight cannot be read too. Other parameters are ignored.
    If `strict`, elements with an unreadable weight or with another parameter are left out.
    """
    weights: dict[str, float] = {}
    for element in header.lower().split(","):
        name, *parameters = (text.strip() for text in element.split(";"))
        parameter = next((text for text in parameters if text.startswith("q=")), "q=1")
        match = _WEIGHT.fullmatch(parameter)
        if strict and (match is None or parameters not in ([], [parameter])):
            continue
        weights[name] = float(match[1]) if match else 1.0
    return weights


@lru_cache(maxsize=128)
def media_type(accept: str) -> str:
    """Return GraphQL's media type if the client names it with at least the weight of JSON, else JSON."""
    weights = parse_weights(accept)
    weight = weights.get(GRAPHQL_JSON, 0)
    return GRAPHQL_JSON if weight > 0 and weight >= weights.get(JSON, 0) else JSON


@lru_cache(maxsize=128)
def accepts(accept: str, media: str, *, alone: bool = False) -> bool:
    """Return whether the client names a media type.

    If `alone`, it must not accept JSON too, because some clients name every type that they can read.
    """
    weights = parse_weights(accept)
    has_json = alone and any(weights.get(name, 0) > 0 for name in _ANY_JSON)
    return weights.get(media, 0) > 0 and not has_json
