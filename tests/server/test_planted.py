"""The search for planted secrets finds each spelling of them."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from tests.server.planted import Planted

PLANTED = Planted()
SECRET = PLANTED.secret("key")


@pytest.mark.parametrize(
    "text",
    [
        f"key: {SECRET}.",
        json.dumps({"event": json.dumps([SECRET])}),
        repr([SECRET]),
        f"redis://:{quote(SECRET, safe='')}@host",
        b64encode(f"user:{SECRET}".encode()).decode(),
        b64encode(f"me:{SECRET}:".encode()).decode(),
        b64encode(f"us:{SECRET}, and more".encode()).decode(),
        SECRET[::-1],
    ],
)
def test_each_spelling_is_found(text: str) -> None:
    assert PLANTED.found("nothing", text) == {"key"}


def test_other_text_has_none() -> None:
    assert PLANTED.found("planted", b"secret", SECRET[:10]) == set()
