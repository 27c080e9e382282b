"""A persisted query of one caller is unknown to callers with other grants: its text may have ids of their accounts."""

from tests.server.operations.test_persisted_queries import persisted

from .callers import ARCHERA, FASTLY, key_header, read, service_with_callers

GRANTS = {"one": read(FASTLY), "equal": read(FASTLY), "other": read(ARCHERA)}
TEXT = f'{{ account(id: "{FASTLY}") {{ id }} }}'


async def test_a_persisted_query_tells_others_nothing() -> None:
    async with service_with_callers(GRANTS) as service:
        await service.post(persisted(TEXT, query=TEXT), **key_header("one"))
        answers = {name: (await service.post(persisted(TEXT), **key_header(name))).json() for name in GRANTS}

    assert (
        answers["one"]
        == answers["equal"]
        == {
            "data": {"account": {"id": FASTLY}},
            "extensions": {"sandbox": True},
        }
    )
    assert [error["extensions"]["code"] for error in answers["other"]["errors"]] == ["PERSISTED_QUERY_NOT_FOUND"]
