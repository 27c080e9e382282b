"""The scopes that an operation requires: those of @requiresScopes on its fields and on the types that it reaches."""

from collections.abc import Collection
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from strawberry.federation.schema_directives import RequiresScopes

from .errors import ErrorCode


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a field or a type requires. `alternatives`: a caller needs all scopes of one of these sets."""

    coordinate: str  # such as `Invoice.raw`, or the name of a type
    alternatives: tuple[frozenset[str], ...]
    node: SelectionNode  # its first use

    def is_met(self, scopes: Collection[str]) -> bool:
        return any(alternative.issubset(scopes) for alternative in self.alternatives)

    def error(self) -> GraphQLError:
        names = " or ".join(" and ".join(sorted(alternative)) for alternative in self.alternatives)
        message = f"{self.coordinate} requires the scope {names}, which the caller does not have."
        return GraphQLError(message, self.node, extensions={"code": ErrorCode.MISSING_SCOPE})


def required_scopes(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> list[Requirement]:
    """Return every requirement of one operation of a valid document, also of fields that @skip or @include omits."""
    collector = _RequirementCollector(schema, document)
    collector.visit(schema.get_root_type(operation.operation), operation.selection_set)
    return list(collector.requirements.values())


class _RequirementCollector:
    """Visits the selections of an operation, and each fragment once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.requirements: dict[str, Requirement] = {}  # by coordinate

    def visit(self, parent: GraphQLNamedType | None, selections: SelectionSetNode | None) -> None:
        """Collect the requirements of selections on objects of type `parent`."""
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                self._visit_field(parent, node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                named_type = self._schema.type_map[condition.name.value] if condition else parent
                self._visit_object(named_type, node, node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                fragment = self._fragments.pop(node.name.value)
                named_type = self._schema.type_map[fragment.type_condition.name.value]
                self._visit_object(named_type, node, fragment.selection_set)

    def _visit_field(self, parent: GraphQLNamedType | None, node: FieldNode) -> None:
        """Visit a field. A field of an interface requires what it requires on any type that implements it."""
        for owner in (parent, *(self._schema.get_possible_types(parent) if is_abstract_type(parent) else ())):
            field = self._schema.get_field(owner, node.name.value) if is_composite_type(owner) else None
            if owner is None or field is None:
                continue
            self._require(field, f"{owner.name}.{node.name.value}", node)
            if owner is parent:
                self._visit_object(get_named_type(field.type), node, node.selection_set)

    def _visit_object(
        self, named_type: GraphQLNamedType | None, node: SelectionNode, selections: SelectionSetNode | None
    ) -> None:
        if named_type is not None:
            self._require(named_type, named_type.name, node)
            self.visit(named_type, selections)

    def _require(self, element: GraphQLField | GraphQLNamedType, coordinate: str, node: SelectionNode) -> None:
        for directive in getattr(element.extensions.get("strawberry-definition"), "directives", None) or ():
            if isinstance(directive, RequiresScopes):
                alternatives = tuple(map(frozenset, directive.scopes))
                self.requirements.setdefault(coordinate, Requirement(coordinate, alternatives, node))
