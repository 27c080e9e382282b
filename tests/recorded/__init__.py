"""Answers as the providers send them, named by case and status; made by hand after their documentation."""

from pathlib import Path
from typing import Any

import msgspec

_FOLDER = Path(__file__).parent
_decoder = msgspec.json.Decoder(float_hook=str)  # numbers by their digits, as the service reads them


def text(provider: str, case: str) -> str:
    """What is on the wire, to the letter."""
    return (_FOLDER / provider / f"{case}.json").read_text()


def recorded(provider: str, case: str) -> Any:
    """A fresh copy, decoded as the service decodes it."""
    return _decoder.decode(text(provider, case))
