"""Traces by OpenTelemetry: spans of requests, of their operations, and of the calls to providers.

Contexts are passed on as arguments. So a call belongs to the operation that started it, whatever task it runs in.
"""

import os
import threading
from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from providers.account import AccountRef
from server.operations.operation import OperationRequest

from .sampling import Headers, PlannedIds, RequestSampler

SERVICE = "invoicegraph"
CLOSE_SECONDS = 2.0  # seconds to export the last spans before the process ends
_propagator = TraceContextTextMapPropagator()


def otlp_provider() -> TracerProvider:
    """Return a provider of spans for OTLP. Resource, sampler and exporter are configured by OTEL_ variables."""
    name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
    provider = TracerProvider(resource=Resource.create(name), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Tracing:
    """Starts the spans of requests."""

    def __init__(self, provider: TracerProvider) -> None:
        ids = provider.id_generator = PlannedIds()
        self._provider, self._tracer = provider, provider.get_tracer(SERVICE)
        self._sampler = RequestSampler(provider.sampler, ids)

    def start_request(self, method: str, path: str, headers: Headers) -> "RequestSpan | None":
        """Start the span of a request, in the trace that its headers name. Returns None if it is not sampled."""
        name = f"{method} {path}"
        if not self._sampler.may_record(name, headers):
            return None
        parent = _propagator.extract({key.decode("latin-1"): value.decode("latin-1") for key, value in headers})
        attributes = {"http.request.method": method, "http.route": path}
        span = self._tracer.start_span(name, parent, SpanKind.SERVER, attributes)
        return RequestSpan(self._tracer, span) if span.is_recording() else None

    def close(self) -> None:
        """Export the last spans. Gives up after CLOSE_SECONDS."""
        thread = threading.Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        thread.join(CLOSE_SECONDS)


class RequestSpan:
    """The span of a request, or of a WebSocket."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer, self._span = tracer, span

    def start_operation(self, operation: OperationRequest) -> "OperationSpan":
        """Start the span of one of its operations. It ends when the audit log records the operation."""
        span = self._tracer.start_span(
            "GraphQL operation",
            set_span_in_context(self._span, Context()),
            attributes={"invoicegraph.request_id": operation.request_id},
        )
        cache = "bypass" if operation.bypass_cache else "miss"
        return OperationSpan(self._tracer, span, {"invoicegraph.cache": cache})

    def end(self, status: int | None) -> None:
        """End the span. `status` is None if the client left before the response."""
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
            if status >= 500:
                self._span.set_status(StatusCode.ERROR)
        self._span.end()


class OperationSpan:
    """An OperationTrace. Each of its calls has the attributes `of_calls`."""

    def __init__(self, tracer: Tracer, span: Span, of_calls: Mapping[str, str]) -> None:
        self._tracer, self._span, self._of_calls = tracer, span, of_calls

    def start_call(self, account_ref: AccountRef, attempt: int) -> "CallSpan":
        attributes: dict[str, str | int] = {
            "http.request.method": "GET",
            "http.request.resend_count": attempt - 1,
            "invoicegraph.account": account_ref.id,
            "invoicegraph.provider": account_ref.provider,
            **self._of_calls,
        }
        parent = set_span_in_context(self._span, Context())
        return CallSpan(self._tracer.start_span(f"GET {account_ref.provider}", parent, SpanKind.CLIENT, attributes))

    def end(self, operation: OperationRequest, name: str | None, outcome: str) -> None:
        kind, span = operation.kind.value, self._span
        span.update_name(f"{kind} {name}" if name else kind)
        if name:
            span.set_attribute("graphql.operation.name", name)
        span.set_attribute("graphql.operation.type", kind)
        span.set_attribute("invoicegraph.answer", operation.answer.value)
        span.set_attribute("invoicegraph.outcome", outcome)
        span.end()


class CallSpan:
    """The span of one attempt of a call. `headers` carry its context to the provider."""

    def __init__(self, span: Span) -> None:
        self._span, self.headers = span, dict[str, str]()
        _propagator.inject(self.headers, set_span_in_context(span, Context()))

    def end(self, status: int | None, cause: str | None) -> None:
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        if cause is not None:
            self._span.set_attribute("error.type", cause)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()
