"""What a request for a file may say, and which pages may send it."""

import pytest

from tests.harness import Service

from .files import read_error

BROWSER = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CLICK = {**BROWSER, "Sec-Fetch-User": "?1"}
FOREIGN = (
    "A page of another site may not fetch files. Open the address in a browser, or send the header "
    "graphql-require-preflight: 1."
)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("focus.csv?mode=loose", 400, "The parameter mode must be strict or annotated."),
        ("focus.csv?guard=yes", 400, "The parameter guard must be on or off."),
        ("focus.csv?dataset=x", 400, "The parameter dataset must be invoice-detail or cost-and-usage."),
        ("focus.csv?mode=strict&mode=strict", 400, "The parameter mode is given 2 times. Give it once."),
        ("focus.csv?search=a&search=b", 400, "The parameter search is given 2 times. Give it once."),
        ("focus.csv?perodFrom=1", 400, 'There is no parameter "perodFrom" here. Did you mean "periodFrom"?'),
        ("focus.csv?format=csv", 400, 'There is no parameter "format" here.'),
        ("focus.csv?breakdown=PROJECTS", 400, 'There is no parameter "breakdown" here.'),
        ("lines.csv?dataset=x", 400, 'There is no parameter "dataset" here.'),
        (
            "focus.csv?periodFrom=2026-13-01",
            400,
            'The parameter periodFrom is not valid: Date must be a calendar day such as "2026-09-30".',
        ),
        (
            "focus.csv?currency=usd",
            400,
            'The parameter currency is not valid: CurrencyCode must be three uppercase letters such as "USD".',
        ),
        ("focus.csv?periodFrom=2026-02-01&periodTo=2026-01-01", 400, "periodFrom must be on or before periodTo."),
        ("focus.csv?totalMin=5", 400, "totalMin and totalMax require exactly one currency."),
        ("focus.csv?accounts=nope", 404, 'No account has the id "nope".'),
        ("focus.csv?providers=fastli", 404, 'No provider has the id "fastli". Did you mean "fastly"?'),
        (
            "focus.csv?columns=BilledCost,BiledCost",
            400,
            'The parameter columns names "BiledCost", which is no column of this file. Did you mean BilledCost?',
        ),
    ],
)
async def test_a_bad_parameter_is_one_sentence(service: Service, path: str, status: int, message: str) -> None:
    response = await service.client.get(f"/export/{path}")

    assert read_error(response) == (status, "BAD_USER_INPUT", message)
    assert response.headers["cache-control"] == "private, no-store"
    assert service.all_calls() == []


async def test_unknown_files_and_methods_are_refused(service: Service) -> None:
    unknown = await service.client.get("/export/all.xlsx")
    posted = await service.client.post("/export/focus.csv", json={})

    assert read_error(unknown)[:2] == (404, "BAD_USER_INPUT")
    assert read_error(posted) == (405, "BAD_USER_INPUT", "Files are requested by GET or HEAD.")
    assert posted.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none", **CLICK},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", **CLICK},
        {"Sec-Fetch-Site": "cross-site", "GraphQL-Require-Preflight": "1"},
    ],
    ids=["a program", "typed address", "own page", "clicked link", "after a preflight"],
)
async def test_requests_that_no_page_can_read(service: Service, headers: dict[str, str]) -> None:
    response = await service.client.get("/export/invoices.csv?periodFrom=2026-10-01", headers=headers)

    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-User": "?1"},
        BROWSER,
    ],
    ids=["script", "frame", "navigation without a click"],
)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_pages_of_other_sites_are_refused(service: Service, site: str, headers: dict[str, str]) -> None:
    response = await service.client.get("/export/invoices.csv", headers={"Sec-Fetch-Site": site, **headers})

    assert read_error(response) == (403, "BAD_USER_INPUT", FOREIGN)
    assert service.all_calls() == []


async def test_foreign_origins_and_hosts_are_refused(service: Service) -> None:
    origin = await service.client.get("/export/invoices.csv", headers={"Origin": "https://evil.example"})
    host = await service.client.get("/export/invoices.csv", headers={"Host": "evil.example"})

    assert (origin.status_code, host.status_code) == (403, 421)


async def test_columns_choose_and_keep_their_order(service: Service) -> None:
    query = "periodFrom=2026-10-01&mode=annotated&columns=x_Product,BilledCost"
    response = await service.client.get(f"/export/focus.csv?{query}")

    assert response.text.splitlines()[0] == "BilledCost,x_Product"


async def test_a_gap_counts_only_in_chosen_columns(service: Service) -> None:
    response = await service.client.get("/export/focus.csv?periodFrom=2026-10-01&columns=BilledCost,BillingCurrency")

    assert response.status_code == 200
