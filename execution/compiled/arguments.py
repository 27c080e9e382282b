"""Conversion of GraphQL arguments to Python ones. The functions are built once; Strawberry inspects types per call."""

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
    """Return a function from the arguments of a field to those of its method, without `info`."""
    types, graphql_name = TypeConverters(schema), schema.config.name_converter.from_argument
    converters = [
        (graphql_name(argument), argument.python_name, types.converter_for(argument.type))
        for argument in definition.arguments
    ]
    return lambda values: {
        python_name: convert(values[name]) for name, python_name, convert in converters if name in values
    }


class TypeConverters:
    """Functions that convert values of one schema's input types. Unusual types are left to Strawberry."""

    def __init__(self, schema: Any) -> None:
        self._config, self._registry = schema.config, schema.schema_converter.scalar_registry

    def converter_for(self, type_: Any) -> Convert:
        if type(type_) is StrawberryOptional:
            return self.converter_for(type_.of_type)
        if type_ is not GlobalID and (is_scalar(type_, self._registry) or has_enum_definition(type_)):
            return lambda value: value
        if type(type_) is StrawberryList:
            convert = self.converter_for(type_.of_type)
            return lambda value: [convert(item) for item in value] if isinstance(value, (list, tuple)) else value
        if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
            return self._input_object(type_)
        return lambda value: convert_argument(value, type_, self._registry, self._config)

    def _input_object(self, type_: Any) -> Convert:
        """Return the function for an input object type.

        It inspects the fields at the first value and not now, because a type may have fields of its own type.
        """
        converters = list[tuple[str, str, Convert]]()
        defaults = dict[str, None]()

        def convert(value: Any) -> Any:
            if value.__class__ is not dict:
                return value
            if not converters:
                self._add_fields(type_, converters, defaults)
            return type_(
                **defaults
                | {attribute: convert(value[name]) for name, attribute, convert in converters if name in value}
            )

        return convert

    def _add_fields(self, type_: Any, converters: list[tuple[str, str, Convert]], defaults: dict[str, None]) -> None:
        """Add each field's GraphQL name, attribute and converter, and None as the value of a field without default."""
        definition = type_.__strawberry_definition__
        for field in definition.fields:
            name = self._config.name_converter.from_field(field)
            converters.append(
                (name, field.python_name, self.converter_for(field.resolve_type(type_definition=definition)))
            )
            if field.default_value is MISSING and field.default_factory is MISSING:
                defaults[field.python_name] = None
