"""Status and code of an account's coverage."""

import pytest

from providers.account import AccountRef
from providers.errors import Forbidden, ProviderError, TimedOut, Unavailable
from providers.sandbox import Fault
from resolvers.outcomes import coverage_code, coverage_status
from tests.harness import Service

LIST = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { coverage { status code message } } }'
ACCOUNT = AccountRef("fastly", "Fastly", "cdn")
NO_FAILURES: list[ProviderError] = []
FAILURES = [Forbidden(ACCOUNT), Unavailable(ACCOUNT), Unavailable(ACCOUNT)]


@pytest.mark.parametrize(
    ("failures", "has_data", "is_stale", "is_unlisted", "has_exclusions", "coverage"),
    [
        (NO_FAILURES, True, False, False, False, ("COMPLETE", None)),
        (NO_FAILURES, False, False, False, False, ("COMPLETE", None)),
        (NO_FAILURES, True, True, False, False, ("STALE", "TIMED_OUT")),
        (NO_FAILURES, True, False, True, False, ("PARTIAL", "UNLISTED")),
        (NO_FAILURES, True, True, True, False, ("STALE", "TIMED_OUT")),
        (NO_FAILURES, True, False, False, True, ("PARTIAL", None)),
        (NO_FAILURES, True, True, False, True, ("PARTIAL", "TIMED_OUT")),
        (NO_FAILURES, True, False, True, True, ("PARTIAL", "UNLISTED")),
        (NO_FAILURES, True, True, True, True, ("PARTIAL", "TIMED_OUT")),
        (FAILURES[:1], True, False, False, False, ("PARTIAL", "FORBIDDEN")),
        (FAILURES[:1], False, False, False, False, ("MISSING", "FORBIDDEN")),
        (FAILURES, True, True, True, True, ("PARTIAL", "UNAVAILABLE")),
        (FAILURES, False, True, True, True, ("MISSING", "UNAVAILABLE")),
    ],
)
def test_status_and_code_of_each_case(
    *,
    failures: list[ProviderError],
    has_data: bool,
    is_stale: bool,
    is_unlisted: bool,
    has_exclusions: bool,
    coverage: tuple[str, str | None],
) -> None:
    stale_reason = TimedOut(ACCOUNT) if is_stale else None

    status = coverage_status(
        failures, stale_reason, has_data=has_data, is_unlisted=is_unlisted, has_exclusions=has_exclusions
    )
    code = coverage_code(failures, stale_reason, is_unlisted=is_unlisted)

    assert (status.name, code.name if code else None) == coverage


async def test_the_most_common_failure_names_the_code(service: Service) -> None:
    first_uid, *_ = service.api("spectrocloud").uids  # type: ignore[attr-defined]
    control = service.control("spectrocloud")
    control.faults += [Fault(kind="status", status=403, path=first_uid), Fault(kind="status", status=500, times=5)]

    response = await service.query(LIST)

    (entry,) = response["data"]["invoices"]["coverage"]
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNAVAILABLE")
    assert "6 failures occurred in total." in entry["message"]
    assert response["extensions"]["coverage"][0]["code"] == "UNAVAILABLE"
