"""GET requests with a query: only clients that a page of another site cannot imitate may send them."""

import pytest

from tests.harness import Service
from tests.server.wire import error_codes_and_messages

QUERY = {"query": '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'}
NO_PREFLIGHT = (
    "A GET request with a query could come from any web page. Send the header graphql-require-preflight: 1 with it, "
    "or use POST."
)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "image/avif,*/*", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Content-Type": "text/plain; charset=utf-8"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "Multipart/Form-Data; boundary=a"},
        {"Apollo-Require-Preflight": ""},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_page_of_another_site_runs_no_query(service: Service, headers: dict[str, str]) -> None:
    response = await service.client.get("/graphql", params=QUERY, headers=headers)

    assert (response.status_code, error_codes_and_messages(response)) == (400, [("BAD_USER_INPUT", NO_PREFLIGHT)])
    assert service.all_calls() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"GraphQL-Require-Preflight": "1"},
        {"Apollo-Require-Preflight": "true"},
        {"X-Apollo-Operation-Name": "List"},
        {"Content-Type": "application/json"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_other_clients_run_queries_by_get(service: Service, headers: dict[str, str]) -> None:
    response = await service.client.get("/graphql", params=QUERY, headers=headers)

    assert (response.status_code, len(response.json()["data"]["invoices"]["nodes"])) == (200, 1)
