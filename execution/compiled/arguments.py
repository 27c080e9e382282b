"""Arguments as Strawberry gives them to a method, by functions that are made once: it looks at each type anew."""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryOptional, has_object_definition
from strawberry.types.enum import has_enum_definition
from strawberry.types.field import StrawberryField

Convert = Callable[[Any], Any]
ArgumentConverter = Callable[[dict[str, Any]], dict[str, Any]]


def argument_converter(definition: StrawberryField, schema: Any) -> ArgumentConverter:
    """What makes the method's arguments, but for its info, of the field's."""
    types, names = TypeConverters(schema), schema.config.name_converter.from_argument
    known = [(names(each), each.python_name, types.convert(each.type)) for each in definition.arguments]
    return lambda given: {own: convert(given[name]) for name, own, convert in known if name in given}


class TypeConverters:
    """The functions for values of one schema's types; what is not usual is left to Strawberry."""

    def __init__(self, schema: Any) -> None:
        self._config, self._registry = schema.config, schema.schema_converter.scalar_registry

    def convert(self, type_: Any) -> Convert:
        if type(type_) is StrawberryOptional:
            return self.convert(type_.of_type)
        if type_ is not GlobalID and (is_scalar(type_, self._registry) or has_enum_definition(type_)):
            return lambda value: value
        if type(type_) is StrawberryList:
            item = self.convert(type_.of_type)
            return lambda value: [item(each) for each in value] if isinstance(value, (list, tuple)) else value
        if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
            return self._object(type_)
        return lambda value: convert_argument(value, type_, self._registry, self._config)

    def _object(self, type_: Any) -> Convert:
        """Its fields are looked at when there is a value, for it may hold others of its own type."""
        known = list[tuple[str, str, Convert]]()
        unstated = dict[str, None]()

        def convert(value: Any) -> Any:
            if value.__class__ is not dict:
                return value
            if not known:
                self._fields(type_, known, unstated)
            return type_(**unstated | {own: convert(value[name]) for name, own, convert in known if name in value})

        return convert

    def _fields(self, type_: Any, known: list[tuple[str, str, Convert]], unstated: dict[str, None]) -> None:
        """Their names in the graph and in the class, and which of them are null where nothing is said."""
        definition = type_.__strawberry_definition__
        for each in definition.fields:
            name = self._config.name_converter.from_field(each)
            known.append((name, each.python_name, self.convert(each.resolve_type(type_definition=definition))))
            if each.default_value is MISSING and each.default_factory is MISSING:
                unstated[each.python_name] = None
