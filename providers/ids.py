"""Global ids: `provider/account` and `provider/account/kind/key…`, each part percent-encoded.

Ids are built and parsed only here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

MAX_LENGTH = 1024
INVOICE, LINE_ITEM, CREDIT, PROJECT = "invoice", "line-item", "credit", "project"
_KEY_COUNTS = {INVOICE: 1, LINE_ITEM: 2, PROJECT: 1, CREDIT: 3}
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # the characters that percent-encoding leaves unchanged
_DOT_SEGMENTS = {".", ".."}  # a URL path resolves these segments, so such a key would address another resource


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A parsed id. `account` is the id of the account.

    `provider_keys` are decoded. The first is the key of the invoice or project itself, the others of a part of it.
    """

    account: str
    kind: str
    provider_keys: tuple[str, ...]


def account_id(provider: str, name: str) -> str:
    return f"{encode_part(provider)}/{encode_part(name)}"


def build(account_id: str, kind: str, *provider_keys: str) -> str:
    """Return the id of an object of an account."""
    if not _UNRESERVED.fullmatch("".join(provider_keys)):
        provider_keys = tuple(map(encode_part, provider_keys))
    return "/".join((account_id, kind, *provider_keys))


def encode_part(provider_key: str) -> str:
    """Percent-encode one key for use in an id."""
    return provider_key if _UNRESERVED.fullmatch(provider_key) else quote(provider_key, safe="")


def encode_parts(provider_keys: Sequence[str]) -> Sequence[str]:
    """Percent-encode each of many keys. Most lists have none that changes."""
    return provider_keys if _UNRESERVED.fullmatch("".join(provider_keys)) else list(map(encode_part, provider_keys))


def owner(object_id: str) -> str:
    """Return the id of the account that an object belongs to. The id is not checked."""
    return "/".join(object_id.split("/", 2)[:2])


def provider_key(invoice_id: str) -> str:
    """Return the provider's key of an invoice from an id that `build` returned. The id is not checked."""
    return unquote(invoice_id.rpartition("/")[2])


def parse(text: str) -> GlobalId | None:
    """Parse an id. Returns None unless `text` is exactly what `build` returns for some object."""
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    provider, name, kind, *rest = [unquote(part) for part in text.split("/")] + ["", ""]
    keys = tuple(rest[:-2])
    if len(keys) != _KEY_COUNTS.get(kind) or not all(keys) or keys[0] in _DOT_SEGMENTS:
        return None
    global_id = GlobalId(account_id(provider, name), kind, keys)
    return global_id if build(global_id.account, kind, *keys) == text else None


def digest_id(facts: list[Any]) -> str:
    """Return 16 hex digits that identify an object without a key of its own, from the facts that it states.

    The digits are part of public ids, so they must be the same in every version.
    """
    return sha256(repr(facts).encode()).hexdigest()[:16]
