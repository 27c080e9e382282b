"""The executor's compiled plans: what an execution reuses from earlier executions of its operation."""

from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path

from execution.executor import Executor

from .compiler import Compiler
from .methods import MethodCall, SelectionPlan, plan_method_call, python_class_of
from .plans import DocumentPlans, OperationPlan, plans_for, selection_key
from .selection import compile_selection

MIN_COST_TO_COMPILE = 5_000  # graphql-core needs longer for such an operation than its compilation takes, some ms


class PlanningExecutor(Executor):
    """An executor that plans selections and method calls once. A subclass executes by these plans.

    It takes the schema's `compiler`, and the document's `plans`. Without them graphql-core executes everything.
    """

    def __init__(
        self,
        *args: Any,
        compiler: Compiler | None = None,
        plans: DocumentPlans | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # By identity, because a list has no hash. The entry holds the list, so no other can have the same identity.
        self._method_calls: dict[int, tuple[FieldDetailsList, MethodCall | None]] = {}
        self._compiler = compiler or Compiler()
        has_middleware = self.middleware_manager is not None and self.middleware_manager.middlewares
        use_stock = has_middleware or not self.error_propagation or compiler is None
        operation_plans = None if use_stock or plans is None else plans_for(self.operation, plans)
        coerced, is_expensive = self.variable_values.coerced, self.cost > MIN_COST_TO_COMPILE
        plan = operation_plans.for_variables(coerced, is_expensive=is_expensive) if operation_plans else None
        self._is_compiled = plan is not None
        self._plan = plan or OperationPlan()
        if self._incremental:  # deferred fields are identified per execution, so only the code is shared
            self._plan = OperationPlan(self._plan.compiled)
        self._relevant_sub_fields = self._plan.sub_fields
        self.expected_serializers = [
            serializer
            for compiled in self._plan.compiled.values()
            if compiled
            for serializer in compiled.list_serializers
            if serializer.was_used
        ]

    def build_per_event_executor(self, payload: Any) -> Any:
        """Return the executor for one event of a subscription.

        It has memos of its own: those of one event are of no use to the next, and would grow with each event.
        """
        executor: Any = super().build_per_event_executor(payload)
        executor._method_calls, executor._plan = {}, OperationPlan(self._plan.compiled)  # noqa: SLF001 (a copy of self)
        executor._relevant_sub_fields = executor._plan.sub_fields  # noqa: SLF001
        return executor

    def _plan_method_call(
        self, parent_type: GraphQLObjectType, details: FieldDetailsList, path: Path
    ) -> MethodCall | None:
        """Plan a field's method call and remember it for this execution, by the identity of `details`.

        Returns None if graphql-core has to execute the field.
        """
        if not self._is_compiled:
            return None
        method_call = plan_method_call(self, self._selection_plan, self._compiler, parent_type, details, path)
        self._method_calls[id(details)] = details, method_call
        return method_call

    def _selection_plan(self, object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> SelectionPlan:
        """Return the plan of a selection.

        It is found by the identity of `grouped`. Its code is found by the selected nodes, so an execution that collects
        the fields again shares the code.
        """
        compiled, selections = self._plan.compiled, self._plan.selections
        selection = selections.get(id(grouped))
        if selection is None:
            key = selection_key(object_type, grouped)
            if key not in compiled:
                compiled[key] = compile_selection(self, self._compiler.traits, object_type, grouped)
            code = compiled[key]
            selection = selections[id(grouped)] = SelectionPlan(
                object_type,
                grouped,
                code and code.for_execution(grouped),
                python_class_of(object_type, grouped),
            )
        return selection
