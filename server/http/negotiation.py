"""Which of the media types of GraphQL over HTTP a caller wants its answer in."""

import re
from functools import lru_cache

from starlette.requests import Request

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
EVENT_STREAM, MULTIPART = "text/event-stream", "multipart/mixed"
_ANY_JSON = (JSON, GRAPHQL_JSON, "application/*", "*/*")


@lru_cache(maxsize=128)
def media_type(accept: str) -> str:
    """GraphQL's own where the caller names it and does not like plain JSON better."""
    weights = _weights(accept)
    wanted = weights.get(GRAPHQL_JSON, 0)
    return GRAPHQL_JSON if wanted > 0 and wanted >= weights.get(JSON, 0) else JSON


@lru_cache(maxsize=128)
def accepts(accept: str, media: str, *, alone: bool = False) -> bool:
    """Whether the caller names a media type; `alone`: and takes no JSON, as some clients name all they know."""
    weights = _weights(accept)
    json = alone and any(weights.get(name, 0) > 0 for name in _ANY_JSON)
    return weights.get(media, 0) > 0 and not json


def accepted(request: Request) -> str:
    """What the caller accepts, in all of its headers."""
    return ",".join(request.headers.getlist("accept"))


def _weights(accept: str) -> dict[str, float]:
    return dict(_weight(part) for part in accept.lower().split(","))


def _weight(part: str) -> tuple[str, float]:
    """A media range with its q; one that cannot be read counts as 1."""
    media, *parameters = (word.strip() for word in part.split(";"))
    stated = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    return media, float(stated) if re.fullmatch(r"[01](\.[0-9]{0,3})?", stated) else 1
