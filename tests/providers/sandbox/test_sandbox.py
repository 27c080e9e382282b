"""The common part of the sandboxes: server, faults on the socket, request log, and control over HTTP."""

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from starlette.responses import PlainTextResponse

from providers.archera.sandbox import Sandbox as Archera
from providers.fastly.sandbox import KEY
from providers.fastly.sandbox import Sandbox as Fastly
from providers.sandbox import Fault, LoggedRequest, Sandbox, serve
from providers.spectrocloud.sandbox import Sandbox as Palette

LIST = "/fastly/billing/v3/invoices?limit=2"


def now() -> datetime:
    return datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox([Fastly(now=now), Palette(now=now), Archera(now=now)])


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers={"Fastly-Key": KEY}) as client,
    ):
        yield client


async def test_port_in_use_raises_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OSError, match="in use") as excinfo:
        await serve(PlainTextResponse("never"), listener.getsockname()[1]).__aenter__()
    assert excinfo.value.errno == errno.EADDRINUSE


async def test_port_is_free_after_serving() -> None:
    async with serve(PlainTextResponse("first")) as url:
        port = int(url.rpartition(":")[2])
        assert httpx.URL(url).host == "127.0.0.1"
    async with serve(PlainTextResponse("second"), port) as url, httpx.AsyncClient(verify=False) as client:
        assert (await client.get(url)).text == "second"


async def test_hanging_request_does_not_delay_the_stop(sandbox: Sandbox) -> None:
    fastly = sandbox.apis["fastly"]
    fastly.control.faults.append(Fault(kind="hang"))
    async with httpx.AsyncClient(verify=False) as client:
        async with serve(sandbox) as url:
            hanging_request = asyncio.create_task(client.get(url + LIST))
            await fastly.control.wait_for_in_flight(in_flight=1)
            stop_started_at = time.monotonic()
        assert time.monotonic() - stop_started_at < 1
        with pytest.raises(httpx.RemoteProtocolError):
            await hanging_request
    assert fastly.control.in_flight == 0


async def test_hang_ends_when_the_client_disconnects(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    control = sandbox.apis["fastly"].control
    control.faults.append(Fault(kind="hang"))
    with pytest.raises(httpx.ReadTimeout):
        await client.get(LIST, timeout=0.05)
    await asyncio.wait_for(control.wait_for_in_flight(in_flight=0), 1)


async def test_reset_resets_the_connection(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.apis["fastly"].control.faults.append(Fault(kind="reset"))
    with pytest.raises(httpx.ReadError) as excinfo:
        await client.get(LIST)
    causes, cause = [], excinfo.value.__cause__
    while cause:
        causes.append(type(cause))
        cause = cause.__cause__ or cause.__context__
    assert ConnectionResetError in causes


async def test_half_a_body_follows_the_normal_head(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    complete_body = (await client.get(LIST)).content
    sandbox.apis["fastly"].control.faults.append(Fault(kind="half"))
    async with client.stream("GET", LIST) as response:
        with pytest.raises(
            httpx.RemoteProtocolError, match=f"received {len(complete_body) // 2} bytes, expected {len(complete_body)}"
        ):
            await response.aread()
    assert response.status_code == 200


async def test_garbage_is_html_or_the_given_body(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    control = sandbox.apis["fastly"].control
    control.faults[:] = [Fault(kind="garbage", times=1), Fault(kind="garbage", body='{"data": NaN}')]
    page, nan = await client.get(LIST), await client.get(LIST)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")
    assert (nan.status_code, nan.headers["Content-Type"], nan.text) == (200, "application/json", '{"data": NaN}')


async def test_delayed_requests_overlap(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    control = sandbox.apis["fastly"].control
    normal = await client.get(LIST)
    control.faults.append(Fault(kind="delay", seconds=0.1))
    responses = await asyncio.gather(*(client.get(LIST) for _ in range(5)))
    assert [response.content for response in responses] == [normal.content] * 5
    assert control.max_in_flight == 5


async def test_status_fault_has_headers_and_a_limit(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    fault = Fault(kind="status", status=503, headers={"Retry-After": "7"}, path=r"limit=2$", times=2)
    sandbox.apis["fastly"].control.faults.append(fault)
    other = await client.get(LIST + "0")
    responses = [await client.get(LIST) for _ in range(3)]
    assert other.status_code == 200
    assert [response.status_code for response in responses] == [503, 503, 200]
    assert responses[0].headers["Retry-After"] == "7"


async def test_faults_affect_one_provider_only(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.apis["fastly"].control.faults.append(Fault(kind="status", status=500))
    response = await client.get("/archera/v1/orgs", headers={"x-api-key": "sandbox-archera-key"})
    assert response.status_code == 200


async def test_requests_are_logged_as_sent(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    control = sandbox.apis["fastly"].control
    for path in ("?cursor=%2B%3D", "?cursor=%2B%3D", "/a%2Fb"):
        await client.get("/fastly/billing/v3/invoices" + path)
    assert control.counts == {
        LoggedRequest("GET", "/billing/v3/invoices?cursor=%2B%3D"): 2,
        LoggedRequest("GET", "/billing/v3/invoices/a%2Fb"): 1,
    }
    control.reset()
    assert (control.requests, control.max_in_flight) == ([], 0)


async def test_control_describes_accounts_and_orders(client: httpx.AsyncClient) -> None:
    description = (await client.get("/control")).json()
    assert "POST /control/{provider}/faults" in description["orders"]
    assert [account["provider"] for account in description["accounts"]] == ["fastly", "spectrocloud", "archera"]
    fastly, *_ = description["accounts"]
    key = {fastly["api_key"]["header"]: fastly["api_key"]["value"]}
    assert (await client.get(f"{fastly['base_url']}/billing/v3/invoices", headers=key)).status_code == 200


async def test_faults_are_added_and_cleared_over_http(client: httpx.AsyncClient) -> None:
    fault = {"kind": "status", "status": 418, "times": 5}
    response = (await client.post("/control/fastly/faults", json=fault)).json()
    assert [(active["kind"], active["status"], active["times"]) for active in response["faults"]] == [
        ("status", 418, 5)
    ]
    assert (await client.get(LIST)).status_code == 418
    assert (await client.delete("/control/fastly/faults")).json() == {"faults": []}
    assert (await client.get(LIST)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "explode"}),
        ("faults", {"kind": "status", "code": 500}),
        ("faults", {"kind": "status", "path": "["}),
        ("payments", {"invoice": "INV-0"}),
        ("invoices", {"month": "1999-01-01"}),
    ],
)
async def test_invalid_control_request_is_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    response = await client.post(f"/control/fastly/{path}", json=body)
    assert (response.status_code, list(response.json())) == (400, ["error"])


async def test_invoices_and_payments_change_over_http(client: httpx.AsyncClient) -> None:
    invoice_id = (await client.post("/control/fastly/invoices")).json()["invoice"]
    newest = (await client.get(LIST)).json()["data"][0]
    assert newest["invoice_id"] == invoice_id
    response = await client.post("/control/fastly/payments", json={"invoice": invoice_id})
    assert response.json() == {"invoice": invoice_id, "payment": "paid"}


async def test_requests_are_counted_over_http(client: httpx.AsyncClient) -> None:
    await client.get(LIST)
    request = {"method": "GET", "path": "/billing/v3/invoices?limit=2", "count": 1}
    log = (await client.get("/control/fastly/requests")).json()
    assert log == {"total": 1, "mostInFlight": 1, "requests": [request]}
    assert (await client.delete("/control/fastly/requests")).json()["total"] == 0


def test_demo_accounts_have_their_base_url(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts("http://127.0.0.1:9000")
    assert [(account["id"], account["provider"], account["base_url"]) for account in accounts] == [
        ("sandbox-fastly", "fastly", "http://127.0.0.1:9000/fastly"),
        ("sandbox-palette", "spectrocloud", "http://127.0.0.1:9000/spectrocloud"),
        ("sandbox-archera", "archera", "http://127.0.0.1:9000/archera"),
    ]
    assert KEY not in repr(accounts)
