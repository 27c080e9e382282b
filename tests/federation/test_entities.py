"""Entities by their keys: whatever mix a gateway sends, each is answered, or fails, at its own place."""

from typing import Any

from providers import PROVIDERS
from providers.sandbox import Fault
from tests.harness import Service

PALETTE, FASTLY, ARCHERA = "spectrocloud/sandbox-palette", "fastly/sandbox-fastly", "archera/sandbox-archera"
OF_PALETTE, OF_FASTLY = f"{PALETTE}/invoice/6a4459b7f305fd63a24e74fd", f"{FASTLY}/invoice/INV-317150"
MIX = [
    ("Invoice", OF_PALETTE), ("Invoice", OF_FASTLY), ("Invoice", f"{ARCHERA}/invoice/2026-06"),
    ("LineItem", f"{FASTLY}/line-item/INV-317150/0e01fbeb39c43bc4-1"),
    ("LineItem", f"{ARCHERA}/line-item/2026-06/li_202606_0001_5e356f"),
    ("Credit", f"{FASTLY}/credit/INV-317150/EDGE-STARTUP/1"),
    ("Project", f"{PALETTE}/project/5fbbf026c2d8c993e69c52d2"),
    ("Account", ARCHERA), ("Account", FASTLY), ("Provider", "archera"),
]  # fmt: skip
ENTITIES = """query ($of: [_Any!]!) { _entities(representations: $of) { __typename
  ... on Invoice { id observedAt } ... on LineItem { id } ... on Credit { id } ... on Project { id }
  ... on Account { id } ... on Provider { id } } }"""


def of(*keys: tuple[str, Any]) -> dict[str, Any]:
    return {"of": [{"__typename": name, "id": key} for name, key in keys]}


def found(answer: dict[str, Any]) -> list[Any]:
    return [entity and (entity["__typename"], entity["id"]) for entity in answer["data"]["_entities"]]


async def test_every_type_of_every_account_is_answered_in_one_request_in_order(service: Service) -> None:
    answer = await service.query(ENTITIES, of(*MIX, *reversed(MIX)))
    calls = [path for provider in PROVIDERS for path in service.calls(provider)]

    assert "errors" not in answer
    assert found(answer) == [*MIX, *reversed(MIX)]
    assert sorted(calls) == sorted(set(calls))
    assert len(calls) == 4


async def test_a_thousand_representations_of_one_invoice_are_one_call(service: Service) -> None:
    answer = await service.query(ENTITIES, of(*[("Invoice", OF_FASTLY)] * 1000))

    assert found(answer) == [("Invoice", OF_FASTLY)] * 1000
    assert service.calls("fastly") == ["/billing/v3/invoices/INV-317150"]


async def test_a_bad_representation_is_null_with_a_code_at_its_own_place(service: Service) -> None:
    good = {"__typename": "Provider", "id": "fastly"}
    bad: list[Any] = [
        {"__typename": "Team", "id": "fastly"}, {"__typename": "Provider"}, {"__typename": "Provider", "id": 7},
        {"id": "fastly"}, {"__typename": ["Provider"], "id": "fastly"}, "Provider", 7, [], {},
    ]  # fmt: skip
    answer = await service.query(ENTITIES, {"of": [good, *bad, good]})

    assert found(answer) == [("Provider", "fastly"), *[None] * len(bad), ("Provider", "fastly")]
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["_entities", place], "BAD_USER_INPUT") for place in range(1, len(bad) + 1)
    ]


async def test_what_there_is_not_is_null_without_an_error(service: Service) -> None:
    answer = await service.query(
        ENTITIES,
        of(
            ("Invoice", f"{FASTLY}/invoice/INV-1"),
            ("Invoice", FASTLY),
            ("Account", OF_FASTLY),
            ("Account", "fastly/nobody"),
            ("Provider", "aws"),
            ("Project", f"{FASTLY}/project/1"),
            ("Credit", "\x00"),
        ),
    )

    assert "errors" not in answer
    assert found(answer) == [None] * 7


async def test_a_provider_that_fails_takes_only_its_own_entities_with_it(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=503))
    answer = await service.query(ENTITIES, of(("Invoice", OF_PALETTE), ("Invoice", OF_FASTLY), ("Account", FASTLY)))

    assert found(answer) == [("Invoice", OF_PALETTE), None, ("Account", FASTLY)]
    [error] = answer["errors"]
    assert error["path"] == ["_entities", 1]
    assert error["extensions"] == {"code": "UNAVAILABLE", "account": FASTLY, "provider": "fastly"}


async def test_other_members_of_a_representation_are_the_gateways_own_business(service: Service) -> None:
    query = "query ($of: [_Any!]!) { one: _entities(representations: $of) { ... on Account { name } } "
    query += "two: _entities(representations: $of) { ... on Account { id } } }"
    of = [{"__typename": "Account", "id": FASTLY, "team": {"name": "Shop"}, "info": 1, "cls": None}]

    assert await service.data(query, {"of": of}) == {
        "one": [{"name": "Fastly (sandbox)"}], "two": [{"id": FASTLY}],
    }  # fmt: skip
