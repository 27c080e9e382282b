"""A validation rule for a service whose clients may not read its schema."""

from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule, get_named_type, is_introspection_type

_SERVICE_TYPE = "_Service"  # of Apollo Federation: its field is the SDL


class NoIntrospectionRule(ValidationRule):
    """Reports each field that reads the schema: `__schema`, `__type`, and `_service` of a subgraph."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        named_type = get_named_type(self.context.get_type())
        if named_type and (is_introspection_type(named_type) or named_type.name == _SERVICE_TYPE):
            name = node.name.value
            self.report_error(GraphQLError(f'Introspection is disabled: "{name}" cannot be selected.', node))
