"""Traces: spans of a request, its operation and its calls, exported by OTLP, with the context of W3C on both sides."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers import PROVIDERS
from providers.sandbox import Fault, serve
from providers.settings import AccountSettings
from server.http.app import create_app
from server.telemetry.telemetry import Telemetry
from server.telemetry.tracing import Tracing
from tests.server.command import ServiceProcess, environment, run_command, start_command
from tests.server.provider import NO_CACHE, Provider, serve_fastly

QUERY = "query Newest { invoices(first: 1) { nodes { id } } }"
TRACE_ID, PARENT_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"


class Collector:
    """An OTLP collector over HTTP."""

    def __init__(self) -> None:
        self.spans = list[Any]()
        self.services = set[str]()
        self.app = Starlette(routes=[Route("/v1/traces", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        message = ExportTraceServiceRequest.FromString(await request.body())
        for resource in message.resource_spans:
            self.services |= {
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            }
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return Response(b"", media_type="application/x-protobuf")

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@asynccontextmanager
async def traced_service(folder: Path) -> AsyncIterator[tuple[ServiceProcess, Provider, Collector]]:
    collector = Collector()
    async with serve(collector.app) as url, serve_fastly(folder) as provider:
        config = str(provider.configure(account=f"attempts = 2\n{NO_CACHE}"))
        variables = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        async with start_command("serve", "--port", "0", "--config", config, **variables) as service:
            yield service, provider, collector


async def post(service: ServiceProcess, **headers: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(f"{service.url}/graphql", json={"query": QUERY}, headers=headers)
    assert response.status_code == 200


async def test_spans_of_a_request_its_operation_and_calls(tmp_path: Path) -> None:
    async with traced_service(tmp_path) as (service, provider, collector):
        provider.control.faults.append(Fault(kind="status", status=503, times=1))
        await post(service, traceparent=TRACEPARENT, **{"X-Request-Id": "r-1"})
        code, _, err = await service.stop(signal.SIGTERM)

    [request], [operation], calls = map(collector.named, ("POST /graphql", "query Newest", "GET fastly"))
    assert (code, collector.services, len(collector.spans)) == (0, {"invoicegraph"}, 4)
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE_ID}
    assert request.parent_span_id.hex() == PARENT_ID
    assert operation.parent_span_id == request.span_id
    assert {call.parent_span_id for call in calls} == {operation.span_id}
    assert attributes(request) == {
        "http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": 200,
    }  # fmt: skip
    assert attributes(operation) == {
        "graphql.operation.name": "Newest", "graphql.operation.type": "query", "invoicegraph.request_id": "r-1",
        "invoicegraph.answer": "executed", "invoicegraph.outcome": "COMPLETE",
    }  # fmt: skip
    common = {
        "http.request.method": "GET", "invoicegraph.account": "fastly/cdn1", "invoicegraph.provider": "fastly",
        "invoicegraph.cache": "miss",
    }  # fmt: skip
    assert [attributes(call) for call in calls] == [
        {**common, "http.request.resend_count": 0, "http.response.status_code": 503, "error.type": "status"},
        {**common, "http.request.resend_count": 1, "http.response.status_code": 200},
    ]
    assert "error" not in err.lower()


async def test_the_context_goes_to_the_provider() -> None:
    received = list[str]()

    async def respond(request: Request) -> Response:
        received.append(request.headers["traceparent"])
        return Response(b"[]", media_type="application/json")

    exporter, listener = InMemorySpanExporter(), Starlette(routes=[Route("/{path:path}", respond)])
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with serve(listener) as url, traced(url, Tracing(provider)) as client:
        await client.post("/graphql", json={"query": QUERY}, headers={"traceparent": TRACEPARENT})

    [call] = [span for span in exporter.get_finished_spans() if span.name == "GET fastly"]
    assert call.context
    assert received == [f"00-{TRACE_ID}-{call.context.span_id:016x}-01"]


@pytest.mark.parametrize(
    ("sampler", "flags", "spans"),
    [
        (ALWAYS_OFF, None, 0),
        (ALWAYS_OFF, "01", 0),
        (ALWAYS_ON, None, 3),
        (ALWAYS_ON, "00", 3),
        (ParentBased(ALWAYS_ON), "00", 0),
        (ParentBased(ALWAYS_OFF), "01", 3),
        (ParentBased(ALWAYS_OFF), "zz", 0),  # no valid context, so no parent
    ],
)
async def test_the_sampler_decides(sampler: Sampler, flags: str | None, spans: int) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    headers = {} if flags is None else {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-{flags}"}
    async with (
        serve(Starlette(routes=[Route("/{path:path}", no_invoices)])) as url,
        traced(url, Tracing(provider)) as client,
    ):
        response = await client.post("/graphql", json={"query": QUERY}, headers=headers)

    assert response.status_code == 200
    assert len(exporter.get_finished_spans()) == spans


@pytest.mark.parametrize(
    "sampler", [TraceIdRatioBased(0.25), ParentBased(TraceIdRatioBased(0.25))], ids=["alone", "below a parent"]
)
def test_the_ratio_is_that_of_the_sampler(sampler: Sampler) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider)
    spans = [tracing.start_request("POST", "/graphql", []) for _ in range(4000)]
    for span in filter(None, spans):
        span.end(200)

    recorded = exporter.get_finished_spans()
    assert 850 < len(recorded) < 1150  # five standard deviations
    assert len(recorded) == len([span for span in spans if span])
    assert len({span.context.trace_id for span in recorded if span.context}) == len(recorded)


async def no_invoices(_: Request) -> Response:
    return Response(b"[]", media_type="application/json")


@asynccontextmanager
async def traced(url: str, tracing: Tracing) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service in this process, with one Fastly account at this URL."""

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        settings = PROVIDERS["fastly"].settings
        yield [settings(id="cdn", provider="fastly", api_key=SecretStr("key-of-the-test"), base_url=url)]

    app = create_app(accounts, telemetry=Telemetry(tracing=tracing))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


async def test_an_unknown_exporter_is_told() -> None:
    code, _, err = await run_command("serve", "--port", "0", OTEL_TRACES_EXPORTER="console")

    assert (code, err) == (2, 'OTEL_TRACES_EXPORTER must be "otlp" or "none".\n')


async def test_a_missing_extra_is_told() -> None:
    hide = "import sys; sys.modules['opentelemetry'] = None; from server.cli import main; main()"
    command = [sys.executable, "-c", hide, "serve", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        *command, stderr=subprocess.PIPE, env=environment(OTEL_TRACES_EXPORTER="otlp")
    )
    _, err = await process.communicate()

    assert (process.returncode, err.decode()) == (
        2, "OTEL_TRACES_EXPORTER=otlp needs the extra otel. Install invoicegraph[otel], or unset the variable.\n"
    )  # fmt: skip
