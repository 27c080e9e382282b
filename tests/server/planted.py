"""Secrets for tests that search everything that a program wrote for them, in several spellings."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


class Planted:
    """Secrets by the place where they are planted."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def secret(self, place: str) -> str:
        """Return the secret of a place. It has characters that most spellings change."""
        return self._secrets.setdefault(place, f'pl/4nt+{place.replace(" ", "-")}"s3cr3t=#')

    def found(self, *texts: bytes | str) -> set[str]:
        """Return the places whose secret is in one of the texts."""
        content = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
        return {
            place
            for place, secret in self._secrets.items()
            if any(spelling.encode() in content for spelling in spellings(secret))
        }


def spellings(secret: str) -> Iterable[str]:
    """Yield the secret as it is, escaped, percent-encoded, backwards, and in base64 at any position of a text."""
    yield secret
    yield secret[::-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(json.dumps(secret))[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield quote(quote(secret, safe=""), safe="")
    for encode in (b64encode, urlsafe_b64encode):
        for offset in range(3):
            start = -(-offset * 8 // 6)  # the first characters also depend on what precedes the secret
            yield encode(b"\0" * offset + secret.encode())[start:-4].decode()
