"""What belongs to one account only: every value that the graph shows of it, and of no other account."""

import re
from collections.abc import Iterator
from typing import Any

import httpx

from resolvers.grants import EVERYTHING, Grants
from tests.harness import Service

from .callers import ARCHERA, FASTLY, PALETTE, data, post, service_with_callers
from .generated import root_fields, root_selection

STATIC = "{ providers { id name } __schema { types { name enumValues { name } } } }"  # the same for everyone
ACCOUNTS = {"fastly": FASTLY, "palette": PALETTE, "archera": ARCHERA}  # by the caller that sees this account only
GRANTS = {
    "none": Grants(frozenset(), EVERYTHING.scopes),
    **{caller: Grants(frozenset({account}), EVERYTHING.scopes) for caller, account in ACCOUNTS.items()},
}
MIN_LENGTH = 7  # characters; a shorter value may be in any account, also as a sum
_INSTANT = re.compile(r"\d{4}-\d{2}(-\d{2}(T.*)?)?")  # days and instants are in every account


class World:
    """The values of one account, and the text of the responses that show them."""

    def __init__(self, text: str, values: set[str], ids: dict[str, str]) -> None:
        self.text, self.values, self.ids = text, values, ids


_worlds: dict[str, World] = {}  # by caller; the sandboxes are the same in every test


async def worlds() -> dict[str, World]:
    """Return the world of each account, as a service shows it to a caller that sees no other."""
    if not _worlds:
        async with service_with_callers(GRANTS) as service:
            static = (await post(service, "none", STATIC)).text
            _worlds["none"] = World(static, set(), {})
            _worlds.update({caller: await _read(service, caller, static) for caller in ACCOUNTS})
    return _worlds


async def _read(service: Service, caller: str, static: str) -> World:
    """Read the world of a caller's account by all root fields, with pages of 20 objects, and the oldest invoices."""
    fields = {
        f"{name}{'(first: 20)' if 'first' in field.args else ''}": root_selection(name, field)
        for name, field in root_fields().items()
        if "id" not in field.args
    }
    fields["invoices(first: 20, orderBy: OLDEST_FIRST)"] = fields["invoices(first: 20)"]
    responses = [await post(service, caller, f"{{ {field} {below} }}") for field, below in fields.items()]
    payloads = [response.json() for response in responses]
    assert [payload["errors"] for payload in payloads if "errors" in payload] == []
    values = {value for payload in payloads for value in _leaves(payload) if _is_distinct(value)}
    return World(static + "".join(response.text for response in responses), values, await _ids(service, caller))


async def _ids(service: Service, caller: str) -> dict[str, str]:
    """Return an id of each kind of object. A kind that the account lacks has a well-formed id that names nothing."""
    parts = "credits { nodes { id } } projects { nodes { id } }"
    invoices = "invoices(first: 9) { nodes { id lineItems { nodes { id } } } }"
    found = await data(service, caller, f"{{ accounts {{ id provider {{ id }} }} {invoices} {parts} }}")
    account = found["accounts"][0]
    nodes = found["invoices"]["nodes"]
    lines = [line for invoice in nodes for line in (invoice["lineItems"] or {"nodes": []})["nodes"]]
    first = {"credit": found["credits"]["nodes"], "project": found["projects"]["nodes"]}
    others = {kind: nodes[0]["id"] if nodes else f"{account['id']}/{kind}/1" for kind, nodes in first.items()}
    return {
        "account": account["id"],
        "provider": account["provider"]["id"],
        "invoice": nodes[0]["id"],
        "line item": lines[0]["id"],
        **others,
    }


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    elif isinstance(value, str):
        yield value


def _is_distinct(value: str) -> bool:
    return len(value) >= MIN_LENGTH and not _INSTANT.fullmatch(value)


class Search:
    """Searches responses for the values of the accounts that a caller does not see."""

    def __init__(self, caller: str, known: dict[str, World]) -> None:
        own, foreign = known[caller].text, [known[owner] for owner in ACCOUNTS if owner != caller]
        accounts = {world.ids["account"] for world in foreign}
        self.values = {value for world in foreign for value in world.values if value not in own}
        self._values = {value for value in self.values if not any(account in value for account in accounts)} | accounts

    def leaks(self, response: httpx.Response, sent: str) -> list[str]:
        """Return the foreign values in the bytes of a response, its headers included, that the client did not send."""
        received = response.text + str(response.headers)
        return [value for value in self._values if value in received and value not in sent]
