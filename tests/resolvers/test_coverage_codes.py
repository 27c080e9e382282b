"""The code of an account that failed in several ways is that of most of them."""

from providers.sandbox import Fault
from tests.harness import Service

LIST = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { coverage { status code message } } }'


async def test_most_failures_name_the_code_wherever_the_first_one_stands(service: Service) -> None:
    first, *_ = service.api("spectrocloud").uids  # type: ignore[attr-defined]
    control = service.control("spectrocloud")
    control.faults += [Fault(kind="status", status=403, path=first), Fault(kind="status", status=500, times=5)]

    answer = await service.query(LIST)

    (entry,) = answer["data"]["invoices"]["coverage"]
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNAVAILABLE")
    assert "6 of its answers failed." in entry["message"]
    assert answer["extensions"]["coverage"][0]["code"] == "UNAVAILABLE"
