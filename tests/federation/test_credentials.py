"""The gateways of the example pass the credential of each client on, so that it sees its own accounts."""

from tests import node
from tests.views.callers import ARCHERA, FASTLY, key_header, key_of, read, service_with_callers

from .supergraph import query_data, start_gateways

ACCOUNTS = "{ accounts { id team { name } } }"


async def test_a_gateway_passes_the_key_of_its_client_on() -> None:
    grants = {"one": read(FASTLY), "other": read(ARCHERA)}
    async with service_with_callers(grants) as service:
        command = node.NODE, "start.js", "--port", "0", "--invoicegraph", f"{service.url}/graphql"
        async with start_gateways(*command, environment={"API_KEY": key_of("admin")}) as gateways:
            seen = {
                (name, caller): (await query_data(url, ACCOUNTS, **headers))["accounts"]
                for name, url in gateways.items()
                for caller, headers in (
                    ("one", key_header("one")),
                    ("other", {"Authorization": f"Bearer {key_of('other')}"}),
                )
            }

    ids = {key: [account["id"] for account in accounts] for key, accounts in seen.items()}
    assert ids == {
        ("Apollo", "one"): [FASTLY], ("Apollo", "other"): [ARCHERA],
        ("Hive", "one"): [FASTLY], ("Hive", "other"): [ARCHERA],
    }  # fmt: skip
    assert seen["Hive", "one"][0]["team"] == {"name": "Platform"}
