"""HTTP cache headers: responses are always revalidated, and an unchanged one is not sent again."""

from datetime import UTC, datetime
from hashlib import blake2b

from starlette.requests import Request

from resolvers.outcomes import RequestOutcomes

NOT_MODIFIED = 304


def validation_headers(request: Request, body: bytes, outcomes: RequestOutcomes | None) -> dict[str, str]:
    """Return the freshness headers, with an ETag if the request is a GET and its response is complete."""
    headers = freshness_headers(outcomes)
    if request.method == "GET" and outcomes is not None and outcomes.is_complete:
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


def is_not_modified(request: Request, headers: dict[str, str]) -> bool:
    """Return whether the client already has this response: its If-None-Match contains the ETag."""
    if_none_match = request.headers.get("if-none-match", "")
    etags = {etag.strip().removeprefix("W/") for etag in if_none_match.split(",")}
    return headers.get("ETag") in etags if if_none_match else False
