"""Provider responses, named by case and status. They are written by hand after the providers' documentation."""

from pathlib import Path
from typing import Any

import msgspec

_FOLDER = Path(__file__).parent
_decoder = msgspec.json.Decoder(float_hook=str)  # keeps the digits of numbers, as the service does


def recorded_text(provider: str, case: str) -> str:
    """Return the exact text of a response body."""
    return (_FOLDER / provider / f"{case}.json").read_text()


def recorded_payload(provider: str, case: str) -> Any:
    """Return a new copy of a response body, decoded as the service decodes it."""
    return _decoder.decode(recorded_text(provider, case))
