"""Whether a request is traced: decided before anything of its trace is created, because most requests are not."""

import re
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import SpanKind

Headers = Sequence[tuple[bytes, bytes]]  # of a request, with names in lower case
_NOT_SAMPLED = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][02468ace]")
_NO_PARENT = Context()


class PlannedIds(RandomIdGenerator):
    """Generates ids. The one of the next trace can be known before its first span starts."""

    def __init__(self) -> None:
        self._planned: int | None = None

    def plan_trace_id(self) -> int:
        """Return the id of the next trace."""
        self._planned = super().generate_trace_id()
        return self._planned

    def generate_trace_id(self) -> int:
        planned, self._planned = self._planned, None
        return super().generate_trace_id() if planned is None else planned


class RequestSampler:
    """Decides about requests as the sampler does, at a fraction of the cost of a span that is not recorded."""

    def __init__(self, sampler: Sampler, ids: PlannedIds) -> None:
        self._sampler, self._ids = sampler, ids
        self._follows_parent = isinstance(sampler, ParentBased)
        root = getattr(sampler, "_root", sampler)  # it has no public name; without it the sampler is asked each time
        self._bound = root.bound if isinstance(root, TraceIdRatioBased) else None

    def may_record(self, name: str, headers: Headers) -> bool:
        """Return False if no span of this request would be recorded. Else its span must be started next."""
        for key, value in headers:
            if key == b"traceparent":
                return not (self._follows_parent and _NOT_SAMPLED.fullmatch(value))
        trace_id = self._ids.plan_trace_id()
        if self._bound is not None:  # the decision of the ratio, without the objects around it
            return bool(trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._bound)
        decision = self._sampler.should_sample(_NO_PARENT, trace_id, name, SpanKind.SERVER).decision
        return decision is not Decision.DROP
