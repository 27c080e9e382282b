"""No amount passes through binary floating point on its way from the wire to the graph."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import providers
import schema

ROOT = Path(schema.__file__).parent.parent
# Sandboxes make their amounts up; they translate none.
MODULES = sorted(
    str(path.relative_to(ROOT))
    for package in (providers, schema)
    for path in Path(str(package.__file__)).parent.rglob("*.py")
    if "sandbox" not in str(path.relative_to(ROOT))
)
# What counts seconds, calls in a second, or bytes: whole modules, or single names in others. No amount passes here.
TIME = {
    "providers/transport/timers.py",
    "providers/transport/client.py",
    "providers/transport/circuit_breaker.py",
    "providers/transport/resilience.py",
    "providers/ttl.py",
    "providers/deadline.py",
    "providers/cache/policy.py",
    "providers/redis/rate_limit.py",
    "providers/transport/http.py",
    "providers/transport/rate_limit.py",
    "providers/cache/memory.py",
    "providers/errors.py: ProviderError",  # after how many seconds to try again
    "providers/fastly/client.py: _PATIENCE",
    "providers/cache/source.py: Remembered",  # for how many seconds an answer stands
    "providers/cache/source.py: _LATE",
    "providers/cache/source.py: _PARTS",  # bytes
    "providers/cache/shared.py",
    "providers/redis/store.py",
    "providers/settings.py: RateLimitSettings",
    "providers/cache/dependencies.py",
    "schema/payment.py: history",
}
INEXACT_NAMES = {"float", "round", "math", "statistics", "fsum", "getcontext", "localcontext", "quantize"}


def inexact(source: str) -> Iterator[tuple[str, str]]:
    """Every place that could round, with the name of the top-level statement that it stands in."""
    for statement in ast.parse(source).body:
        for node in ast.walk(statement):
            if _is_inexact(node):
                yield _name(statement), ast.unparse(node)


def _is_inexact(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in INEXACT_NAMES
        case ast.Constant(value=float() | complex()):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True
    return False


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


@pytest.mark.parametrize("module", MODULES)
def test_nothing_but_time_is_a_float(module: str) -> None:
    found = [] if module in TIME else inexact((ROOT / module).read_text())

    assert [(name, code) for name, code in found if f"{module}: {name}" not in TIME] == []


def test_the_modules_that_money_passes_are_among_those_looked_at() -> None:
    assert {
        "providers/fields.py",
        "providers/archera/translate.py",
        "providers/fastly/line_items.py",
        "providers/fastly/translate.py",
        "providers/spectrocloud/credits.py",
        "providers/spectrocloud/line_items.py",
        "providers/spectrocloud/products.py",
        "providers/spectrocloud/project_charges.py",
        "providers/spectrocloud/translate.py",
        "schema/scalars.py",
        "schema/values.py",
    } <= set(MODULES) - TIME


@pytest.mark.parametrize(
    "source",
    [
        "x = float('1.1')",
        "def f(amount: float) -> None: ...",
        "x = amount * 1.1",
        "def f(a, b):\n    return a / b",
        "x /= 2",
        "x = round(amount, 2)",
        "x = amount.quantize(CENT)",
        "x: list[float | None] = []",
        "x = 1j",
    ],
)
def test_what_could_round_is_found(source: str) -> None:
    assert list(inexact(source))


@pytest.mark.parametrize("source", ["x = EXACT.subtract(a, b)", "x = Decimal('1.1')", "x = a // 2", "x = -amount"])
def test_what_is_exact_is_not_found(source: str) -> None:
    assert list(inexact(source)) == []
