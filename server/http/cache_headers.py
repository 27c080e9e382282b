"""HTTP cache headers: responses are always revalidated, and an unchanged one is not sent again."""

from datetime import UTC, datetime
from hashlib import blake2b

from starlette.types import Scope

from resolvers.outcomes import RequestOutcomes

from .request_id import header

NOT_MODIFIED = 304


def validation_headers(scope: Scope, body: bytes, outcomes: RequestOutcomes | None) -> dict[str, str]:
    """Return the freshness headers, with an ETag if the request is a GET and its response is complete."""
    headers = freshness_headers(outcomes)
    if scope["method"] == "GET" and outcomes is not None and outcomes.is_complete:
        headers["ETag"] = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        headers["Vary"] = "Accept"
    return headers


def freshness_headers(outcomes: RequestOutcomes | None) -> dict[str, str]:
    """Return Cache-Control, and the age of the oldest data in seconds if the response is complete.

    An incomplete response must not be stored; a complete one must be revalidated.
    """
    if outcomes is None or not outcomes.is_complete:
        return {"Cache-Control": "private, no-store"}
    headers = {"Cache-Control": "private, no-cache"}
    if outcomes.oldest_observation is not None:
        headers["Age"] = str(max(0, int((datetime.now(UTC) - outcomes.oldest_observation).total_seconds())))
    return headers


def is_not_modified(scope: Scope, headers: dict[str, str]) -> bool:
    """Return whether the client already has this response: its If-None-Match contains the ETag."""
    if "ETag" not in headers:
        return False
    return headers["ETag"] in {etag.strip().removeprefix("W/") for etag in header(scope, b"if-none-match").split(",")}
