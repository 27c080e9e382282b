"""What an answer's headers say of its age: nothing is promised fresh; what has not changed is not sent again."""

from datetime import UTC, datetime
from hashlib import blake2b

from starlette.requests import Request

from resolvers.outcomes import RequestOutcomes

NOT_MODIFIED = 304


def validation_headers(request: Request, body: bytes, ledger: RequestOutcomes | None) -> dict[str, str]:
    """Of a whole answer to a GET its tag, so that it can be asked for again; anything else is not to be kept."""
    said = freshness_headers(ledger)
    if request.method == "GET" and ledger is not None and ledger.is_complete:
        said["ETag"] = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        said["Vary"] = "Accept"
    return said


def freshness_headers(ledger: RequestOutcomes | None) -> dict[str, str]:
    """Whether an answer may be asked for again, and how old it is where it is whole."""
    if ledger is None or not ledger.is_complete:
        return {"Cache-Control": "private, no-store"}
    said = {"Cache-Control": "private, no-cache"}
    if ledger.oldest is not None:
        said["Age"] = str(max(0, int((datetime.now(UTC) - ledger.oldest).total_seconds())))
    return said


def is_not_modified(request: Request, said: dict[str, str]) -> bool:
    """Whether the caller already has this answer."""
    held = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
    return said.get("ETag") in tags if held else False
