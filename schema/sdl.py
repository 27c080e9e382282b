"""The schema as SDL, for supergraphs and for direct clients."""

from typing import Any

from graphql import (
    REMOVE,
    DirectiveDefinitionNode,
    FieldDefinitionNode,
    NamedTypeNode,
    TypeDefinitionNode,
    TypeNode,
    Visitor,
    parse,
    print_ast,
    specified_directives,
    visit,
)

from .cost import ListSizeVisitor

FEDERATION = {"_Any", "_Entity", "_Service"}  # in every subgraph: composers add them
RELAY = {"Node"}  # with `Query.node`, which two subgraphs cannot both have: neither resolves the ids of the other
DELIVERY = {"defer", "stream"}  # directives that a router defines itself
ACCESS = {"authenticated", "requiresScopes"}  # a gateway without the caller's claims would refuse every field
STANDARD = {directive.name for directive in specified_directives}


def to_subgraph(sdl: str) -> str:
    """Return the SDL for composers: without what only direct clients can request, but with the sizes of lists."""
    return (
        print_ast(visit(visit(parse(sdl), RemoveDefinitions(FEDERATION | RELAY | DELIVERY)), ListSizeVisitor())) + "\n"
    )


def without_access(sdl: str) -> str:
    """Return the SDL for composers without the directives that name scopes, and without their import."""
    return print_ast(visit(parse(sdl), RemoveDirectives(ACCESS))) + "\n"


def to_client(sdl: str) -> str:
    """Return the SDL for direct clients and their generators, without what only composers and gateways use."""
    return print_ast(visit(visit(parse(sdl), RemoveDefinitions(FEDERATION)), StripCustomDirectives())) + "\n"


_DEFINITIONS = (TypeDefinitionNode, DirectiveDefinitionNode)


class RemoveDefinitions(Visitor):
    """Removes types, the fields that return them, and directive definitions."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._names = names

    def enter(self, node: Any, _key: Any, _parent: Any, path: list[Any], _ancestors: Any) -> Any:
        if isinstance(node, FieldDefinitionNode):
            node = _named_type(node.type)
        elif not isinstance(node, _DEFINITIONS) and path[-2:-1] != ["interfaces"]:
            return None
        return REMOVE if node.name.value in self._names else None


def _named_type(node: TypeNode) -> TypeNode:
    return node if isinstance(node, NamedTypeNode) else _named_type(node.type)  # type: ignore[attr-defined]


class RemoveDirectives(Visitor):
    """Removes every use of some directives, and their imports."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._names = names

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value in self._names else None

    def enter_string_value(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.value.startswith("@") and node.value[1:] in self._names else None


class StripCustomDirectives(Visitor):
    """Removes every use of a directive that GraphQL itself does not define."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return None if node.name.value in STANDARD else REMOVE

    def enter_schema_definition(self, *_: Any) -> Any:
        return REMOVE
