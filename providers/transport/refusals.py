"""What a response with an error status means: its status, and the codes in its body.

The texts of a body never reach clients or the log as they are: a message can hold the key that it refuses.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from providers.errors import ERROR_BY_STATUS, NotFound, ProviderError, Unauthorized, Unavailable

from .carrier import CarrierResponse

_MAX_BODY = 64 * 1024  # bytes; a longer body is not read for its codes
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}")
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ABOUT_KEYS = re.compile(r"api[ _-]?keys?\b|credential|\btoken\b|unauthori[sz]ed|authentication", re.IGNORECASE)
_NOT_FOUND_CODE = "ResourceNotFound"
_TEXTS = ("code", "msg", "message", "detail")


class Refusal(NamedTuple):
    """The error that a response means, and the codes of its body for the log."""

    error: type[ProviderError]
    code: str | None
    ref: str | None


def read_refusal(response: CarrierResponse, api_key: str) -> Refusal:
    """Return what a response with an error status means. No code that contains the key is returned."""
    body = _read_object(response.body)
    error = ERROR_BY_STATUS.get(response.status, Unavailable)
    if response.status == HTTPStatus.NOT_FOUND and any(_ABOUT_KEYS.search(_text(body, key)) for key in _TEXTS):
        error = Unauthorized
    if response.status == HTTPStatus.INTERNAL_SERVER_ERROR and body.get("code") == _NOT_FOUND_CODE:
        error = NotFound
    code = next((text for key in ("code", "msg") if _CODE.fullmatch(text := _text(body, key))), None)
    ref = _text(body, "ref") if _REFERENCE.fullmatch(_text(body, "ref")) else None
    return Refusal(error, _unless_secret(code, api_key), _unless_secret(ref, api_key))


def _read_object(body: bytes) -> Mapping[str, Any]:
    if not body.startswith(b"{") or len(body) > _MAX_BODY:
        return {}
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _unless_secret(text: str | None, api_key: str) -> str | None:
    return None if text is None or api_key in text else text
