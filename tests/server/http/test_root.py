"""The root of the service: GraphiQL for browsers, one line of JSON for other clients."""

import pytest

from tests.harness import Service

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_browsers_are_led_to_graphiql(service: Service) -> None:
    response = await service.client.get("/", headers={"Accept": BROWSER})
    page = await service.client.get("/", headers={"Accept": BROWSER}, follow_redirects=True)

    assert (response.status_code, response.headers["location"], response.headers["vary"]) == (307, "graphql", "Accept")
    assert (page.status_code, page.url.path, 'id="graphiql"' in page.text) == (200, "/graphql", True)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0", ""])
async def test_other_clients_get_one_line(service: Service, accept: str) -> None:
    response = await service.client.get("/", headers={"Accept": accept})

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text == '{"service":"Invoicegraph","graphql":"/graphql"}'
