"""Exported files hold what their caller may see, and only callers with the scope get them."""

from resolvers.grants import Grants
from schema.scopes import Scope
from tests.harness import Service

from .callers import ARCHERA, FASTLY, key_header, read, service_with_callers

EXPORTS = frozenset({Scope.INVOICES_READ, Scope.EXPORT})
CALLERS = {"one": Grants(frozenset({FASTLY}), EXPORTS), "reader": read(FASTLY)}
FILE = "/export/invoices.csv"


async def test_files_need_an_identity_and_the_scope() -> None:
    async with service_with_callers(CALLERS) as service:
        refused = [await service.client.get(FILE), await service.client.get(FILE, headers=key_header("reader"))]

    assert [(each.status_code, each.json()["errors"][0]["extensions"]["code"]) for each in refused] == [
        (401, "UNAUTHENTICATED"),
        (403, "MISSING_SCOPE"),
    ]
    assert refused[0].headers["www-authenticate"] == "Bearer"
    assert calls(service) == [0, 0, 0]


async def test_a_file_holds_the_granted_accounts_only() -> None:
    async with service_with_callers(CALLERS) as service:
        file = await service.client.get(FILE, headers=key_header("one"))
        foreign = await service.client.get(FILE, headers=key_header("one"), params={"accounts": ARCHERA})
        unknown = await service.client.get(
            FILE, headers=key_header("one"), params={"accounts": "archera/nothing-here12"}
        )

    assert (file.status_code, foreign.status_code) == (200, 404)
    assert FASTLY in file.text
    assert "archera" not in file.text.lower()
    assert "palette" not in file.text.lower()
    assert foreign.status_code == unknown.status_code
    assert foreign.text.replace(ARCHERA, "ID") == unknown.text.replace("archera/nothing-here12", "ID")
    assert calls(service)[0] == 0


def calls(service: Service) -> list[int]:
    """Return the number of calls of each provider's API: Archera, Fastly and Palette."""
    return [len(service.sandbox.apis[name].control.requests) for name in ("archera", "fastly", "spectrocloud")]
