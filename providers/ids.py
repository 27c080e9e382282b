"""Ids: `provider/account`, `provider/account/kind/native…`, each part percent-encoded; written and read only here."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

MAX_LENGTH = 1024
INVOICE, LINE_ITEM, CREDIT, PROJECT = "invoice", "line-item", "credit", "project"
_NATIVE_PARTS = {INVOICE: 1, LINE_ITEM: 2, PROJECT: 1, CREDIT: 3}
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # what percent-encoding leaves as it is
_DOTS = {".", ".."}  # as a path segment they would climb out of their path


@dataclass(frozen=True, slots=True)
class GlobalId:
    """What an id names. `native` holds the provider's own keys: the invoice's first, then the part's."""

    account: str
    kind: str
    provider_keys: tuple[str, ...]


def account(provider: str, name: str) -> str:
    return f"{quote(provider, safe='')}/{quote(name, safe='')}"


def build(account_id: str, kind: str, *native: str) -> str:
    """The id of one object below an account."""
    if not _UNRESERVED.fullmatch("".join(native)):
        native = tuple(map(encode_part, native))
    return "/".join((account_id, kind, *native))


def encode_part(native: str) -> str:
    """One of the provider's own keys, as it stands in an id."""
    return native if _UNRESERVED.fullmatch(native) else quote(native, safe="")


def provider_key(invoice_id: str) -> str:
    """The provider's own key in an invoice's id that `write` made."""
    return unquote(invoice_id.rpartition("/")[2])


def parse(text: str) -> GlobalId | None:
    """What `text` names; null unless it is, to the letter, an id that `write` could have written."""
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    provider, name, kind, *native = [unquote(part) for part in text.split("/")] + ["", ""]
    parts = tuple(native[:-2])
    if len(parts) != _NATIVE_PARTS.get(kind) or not all(parts) or parts[0] in _DOTS:
        return None
    ref = GlobalId(account(provider, name), kind, parts)
    return ref if build(ref.account, kind, *parts) == text else None


def digest_id(facts: list[Any]) -> str:
    """Return 16 hex digits that identify an object without a key of its own, from the facts that it states.

    The digits are part of public ids, so they must be the same in every version.
    """
    return sha256(repr(facts).encode()).hexdigest()[:16]
