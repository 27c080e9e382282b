"""No amount passes through binary floating point between the provider's payload, the schema types and their sums."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import providers
import resolvers.finance
import schema

ROOT = Path(schema.__file__).parent.parent
# Sandboxes invent their amounts and translate none.
MODULES = sorted(
    str(path.relative_to(ROOT))
    for package in (providers, resolvers.finance, schema)
    for path in Path(str(package.__file__)).parent.rglob("*.py")
    if "sandbox" not in str(path.relative_to(ROOT))
)
# Code that counts seconds, calls per second or bytes, and handles no amount: modules, or single names of a module.
NOT_MONEY = {
    "providers/transport/timers.py",
    "providers/transport/call_log.py",  # durations
    "providers/transport/circuit_breaker.py",
    "providers/transport/resilience.py",
    "providers/ttl.py",
    "providers/call.py",
    "providers/deadline.py",
    "providers/redis/rate_limit.py",
    "providers/transport/rate_limit.py",
    "providers/cache/memory.py",
    "providers/cache/resource.py",
    "providers/transport/client.py: ApiClient",  # deadlines
    "providers/errors.py: ProviderError",  # retry delay in seconds
    "providers/fastly/client.py: POLL_BACKOFF",
    "providers/cache/resources.py: AccountResource",  # age and time to live in seconds
    "providers/cache/resources.py: AccountResources",
    "providers/cache/shared.py",
    "providers/redis/store.py",
    "providers/store/guard.py",
    "providers/store/protocol.py",  # times to live
    "providers/sqlite/database.py",
    "providers/sqlite/eviction.py",
    "providers/sqlite/file.py",
    "providers/sqlite/pending.py",
    "providers/sqlite/store.py",
    "providers/cache/baselines.py",  # times to live
    "providers/observer.py",  # durations
    "providers/refilling_budget.py",
    "providers/transport/measured.py",  # latency
    "providers/settings.py: RateLimitSettings",
    "providers/dependencies.py",
    "resolvers/finance/conversion.py: Converter",  # rounds on request, to the minor unit
}
INEXACT_NAMES = {"float", "round", "math", "statistics", "fsum", "getcontext", "localcontext", "quantize"}


def inexact_expressions(source: str) -> Iterator[tuple[str, str]]:
    """Yield each expression that could round, after the name of its top-level statement."""
    for statement in ast.parse(source).body:
        for node in ast.walk(statement):
            if _is_inexact(node):
                yield _statement_name(statement), ast.unparse(node)


def _is_inexact(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in INEXACT_NAMES
        case ast.Constant(value=float() | complex()):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True
    return False


def _statement_name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


@pytest.mark.parametrize("module", MODULES)
def test_module_has_no_float_arithmetic(module: str) -> None:
    expressions = [] if module in NOT_MONEY else inexact_expressions((ROOT / module).read_text())

    assert [(name, code) for name, code in expressions if f"{module}: {name}" not in NOT_MONEY] == []


def test_modules_with_amounts_are_checked() -> None:
    assert {
        "providers/fields.py",
        "providers/archera/details.py",
        "providers/archera/translate.py",
        "providers/fastly/translate.py",
        "providers/rows/columns.py",
        "providers/spectrocloud/products.py",
        "providers/spectrocloud/translate.py",
        "resolvers/finance/ledger.py",
        "schema/scalars.py",
        "schema/values.py",
    } <= set(MODULES) - NOT_MONEY


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
def test_inexact_expression_is_detected(source: str) -> None:
    assert list(inexact_expressions(source))


@pytest.mark.parametrize("source", ["x = EXACT.subtract(a, b)", "x = Decimal('1.1')", "x = a // 2", "x = -amount"])
def test_exact_expression_is_accepted(source: str) -> None:
    assert list(inexact_expressions(source)) == []
