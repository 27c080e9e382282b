"""Entities by their keys: each representation of a request has a result, or an error, at its own index."""

from typing import Any

from providers.sandbox import Fault
from tests.harness import Service

PALETTE, FASTLY, ARCHERA = "spectrocloud/sandbox-palette", "fastly/sandbox-fastly", "archera/sandbox-archera"
PALETTE_INVOICE, FASTLY_INVOICE = f"{PALETTE}/invoice/6a4459b7f305fd63a24e74fd", f"{FASTLY}/invoice/INV-317150"
MIX = [
    ("Invoice", PALETTE_INVOICE), ("Invoice", FASTLY_INVOICE), ("Invoice", f"{ARCHERA}/invoice/2026-06"),
    ("LineItem", f"{FASTLY}/line-item/INV-317150/0e01fbeb39c43bc4-1"),
    ("LineItem", f"{ARCHERA}/line-item/2026-06/li_202606_0001_5e356f"),
    ("Credit", f"{FASTLY}/credit/INV-317150/EDGE-STARTUP/1"),
    ("Project", f"{PALETTE}/project/5fbbf026c2d8c993e69c52d2"),
    ("Account", ARCHERA), ("Account", FASTLY), ("Provider", "archera"),
]  # fmt: skip
ENTITIES = """query ($of: [_Any!]!) { _entities(representations: $of) { __typename
  ... on Invoice { id observedAt } ... on LineItem { id } ... on Credit { id } ... on Project { id }
  ... on Account { id } ... on Provider { id } } }"""


def representations(*keys: tuple[str, Any]) -> dict[str, Any]:
    """The variables of ENTITIES for type names with ids."""
    return {"of": [{"__typename": name, "id": key} for name, key in keys]}


def entity_keys(response: dict[str, Any]) -> list[Any]:
    """The type name and the id of each entity, or None."""
    return [entity and (entity["__typename"], entity["id"]) for entity in response["data"]["_entities"]]


async def test_mixed_entities_keep_their_order(service: Service) -> None:
    response = await service.query(ENTITIES, representations(*MIX, *reversed(MIX)))
    calls = service.all_calls()

    assert "errors" not in response
    assert entity_keys(response) == [*MIX, *reversed(MIX)]
    assert sorted(calls) == sorted(set(calls))
    assert len(calls) == 4


async def test_repeated_representations_are_one_call(service: Service) -> None:
    response = await service.query(ENTITIES, representations(*[("Invoice", FASTLY_INVOICE)] * 1000))

    assert entity_keys(response) == [("Invoice", FASTLY_INVOICE)] * 1000
    assert service.calls("fastly") == ["/billing/v3/invoices/INV-317150"]


async def test_invalid_representation_is_null_with_an_error(service: Service) -> None:
    valid = {"__typename": "Provider", "id": "fastly"}
    invalid: list[Any] = [
        {"__typename": "Team", "id": "fastly"}, {"__typename": "Provider"}, {"__typename": "Provider", "id": 7},
        {"id": "fastly"}, {"__typename": ["Provider"], "id": "fastly"}, "Provider", 7, [], {},
    ]  # fmt: skip
    response = await service.query(ENTITIES, {"of": [valid, *invalid, valid]})

    assert entity_keys(response) == [("Provider", "fastly"), *[None] * len(invalid), ("Provider", "fastly")]
    assert [(error["path"], error["extensions"]["code"]) for error in response["errors"]] == [
        (["_entities", index], "BAD_USER_INPUT") for index in range(1, len(invalid) + 1)
    ]


async def test_unknown_entity_is_null_without_an_error(service: Service) -> None:
    await service.prove_keys()
    response = await service.query(
        ENTITIES,
        representations(
            ("Invoice", f"{FASTLY}/invoice/INV-1"),
            ("Invoice", FASTLY),
            ("Account", FASTLY_INVOICE),
            ("Account", "fastly/unknown"),
            ("Provider", "aws"),
            ("Project", f"{FASTLY}/project/1"),
            ("Credit", "\x00"),
        ),
    )

    assert "errors" not in response
    assert entity_keys(response) == [None] * 7


async def test_failing_provider_affects_only_its_entities(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=503))
    response = await service.query(
        ENTITIES, representations(("Invoice", PALETTE_INVOICE), ("Invoice", FASTLY_INVOICE), ("Account", FASTLY))
    )

    assert entity_keys(response) == [("Invoice", PALETTE_INVOICE), None, ("Account", FASTLY)]
    [error] = response["errors"]
    assert error["path"] == ["_entities", 1]
    assert error["extensions"] == {"code": "UNAVAILABLE", "account": FASTLY, "provider": "fastly"}


async def test_other_keys_of_a_representation_are_ignored(service: Service) -> None:
    query = "query ($of: [_Any!]!) { one: _entities(representations: $of) { ... on Account { name } } "
    query += "two: _entities(representations: $of) { ... on Account { id } } }"
    entities = [{"__typename": "Account", "id": FASTLY, "team": {"name": "Shop"}, "info": 1, "cls": None}]

    assert await service.data(query, {"of": entities}) == {
        "one": [{"name": "Fastly (sandbox)"}], "two": [{"id": FASTLY}],
    }  # fmt: skip
