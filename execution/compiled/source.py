"""A module of generated source code, which is compiled as a whole and shown in tracebacks."""

import linecache
from itertools import count
from typing import Any
from weakref import finalize

_module_numbers = count(1)  # make each file name unique in the process


class GeneratedModule:
    """Functions that call each other by name, and the constants that they refer to by name.

    A number at the end makes each name unique in the module.
    """

    def __init__(self, title: str, constants: dict[str, Any]) -> None:
        self._file_name = f"<generated code {next(_module_numbers)} for {title}>"
        self._functions: list[str] = []
        self._namespace = dict(constants)

    def add_constant(self, name: str, value: object) -> str:
        """Add a constant. Return its unique name."""
        unique = f"{name}_{len(self._namespace)}"
        self._namespace[unique] = value
        return unique

    def add_function(self, name: str, *lines: str) -> str:
        """Add a definition, in whose lines `{name}` stands for its unique name. Return that name."""
        unique = f"{name}_{len(self._functions)}"
        self._functions.append("\n".join(lines).replace("{name}", unique))
        return unique

    def compile(self, entry_point: str) -> dict[str, Any]:
        """Run the source and return its namespace.

        linecache shows the source until the function `entry_point` is freed. All functions share this namespace, so
        each of them lives as long as any other. linecache holds only text, so a finalizer removes it with the function.
        """
        source = "\n".join(self._functions) + "\n"
        exec(compile(source, self._file_name, "exec"), self._namespace)  # noqa: S102 (GraphQL's or the schema's names)
        # The second item, the time of modification, is None: then linecache does not look for a file.
        linecache.cache[self._file_name] = len(source), None, source.splitlines(keepends=True), self._file_name
        finalize(self._namespace[entry_point], linecache.cache.pop, self._file_name, None).atexit = False
        return self._namespace


def indented(*lines: str) -> list[str]:
    return [f"    {line}" for line in lines]
