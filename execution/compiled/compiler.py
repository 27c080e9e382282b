"""What the executors of one schema share: its traits, its argument converters and the count of fallbacks."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from strawberry.types.field import StrawberryField

from execution.columns import ScalarTraits

from .arguments import ArgumentConverter, argument_converter


@dataclass(frozen=True, slots=True, eq=False)
class Compiler:
    """Compilation for one schema, which owns it and hands it to each executor.

    `fallbacks` counts how often generated code, or the plan of a method call, raised an exception and graphql-core
    executed the object or field instead. The keys are names, such as `Invoice` or `Query.invoices`. A value that
    graphql-core rejects too is counted like one that the code should have completed.
    """

    traits: ScalarTraits = field(default_factory=ScalarTraits)
    converters: dict[StrawberryField, ArgumentConverter] = field(default_factory=dict)
    fallbacks: Counter[str] = field(default_factory=Counter)

    def converter_for(self, definition: StrawberryField, schema: Any) -> ArgumentConverter:
        """Return the function that converts the arguments of a field of the schema. It is made once."""
        converter = self.converters.get(definition)
        if converter is None:
            converter = self.converters[definition] = argument_converter(definition, schema)
        return converter
