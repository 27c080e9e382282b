"""Recordings of a provider's responses, which a source can replay without calls to the provider."""

from datetime import datetime

import msgspec


class RecordedResponse(msgspec.Struct, frozen=True, array_like=True):
    """One response as the provider sent it. `name` is the path and query of its request."""

    name: str
    status: int
    body: bytes
    observed_at: datetime


class NotRecorded(Exception):
    """A replay-only recording has no response to a request."""


class Recording:
    """The responses to a source's requests, by the names of the requests.

    New responses are added to it. A `replay_only` recording allows no new request.
    """

    def __init__(self, responses: list[RecordedResponse] | None = None, *, replay_only: bool = False) -> None:
        self._responses = {response.name: response for response in responses or ()}
        self.replay_only = replay_only

    @property
    def responses(self) -> list[RecordedResponse]:
        return list(self._responses.values())

    def find(self, name: str) -> RecordedResponse | None:
        """Return the response to a request, or None. A `replay_only` recording raises NotRecorded instead."""
        if self.replay_only and name not in self._responses:
            raise NotRecorded
        return self._responses.get(name)

    def record(self, response: RecordedResponse) -> None:
        self._responses[response.name] = response
