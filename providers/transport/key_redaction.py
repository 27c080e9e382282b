"""Redaction of an API key from the bodies of a provider that echoes it."""

import json
from urllib.parse import quote

from pydantic import SecretStr

MIN_KEY_LENGTH = 8  # characters; a shorter key, or one of digits only, could be a usual value of a body
_REPLACEMENT = b"[redacted]"


class KeyRedaction:
    """Finds a key in a body, as it is, as JSON escapes it, or percent-encoded."""

    def __init__(self, key: SecretStr) -> None:
        text = key.get_secret_value()
        is_distinct = len(text) >= MIN_KEY_LENGTH and not text.isdigit()
        escaped = json.dumps(text)[1:-1]
        spellings = {text, escaped, escaped.replace("/", "\\/"), quote(text, safe="")} if is_distinct else set[str]()
        self._spellings = tuple(spelling.encode() for spelling in sorted(spellings, key=len, reverse=True))

    def applies_to(self, body: bytes) -> bool:
        """Whether the body contains the key."""
        return any(map(body.__contains__, self._spellings))

    def apply(self, body: bytes) -> bytes:
        """Return the body without the key."""
        for spelling in self._spellings:
            body = body.replace(spelling, _REPLACEMENT)
        return body
