"""The outcomes of checks, as a client reads them."""

from typing import Any

from .world import World

CHECK = "check { code verdict severity subject expected actual difference tolerance currency unit reason }"
CHECKS = f"""query($filter: InvoiceFilter) {{ invoices(filterBy: $filter) {{ nodes {{
  reconciliation {{ verdict checks {CHECK.removeprefix("check ")} }} }} }} }}"""
DISCREPANCIES = f"""query($first: Int, $after: String, $filter: InvoiceFilter, $least: Severity = INFO) {{
  discrepancies(first: $first, after: $after, filterBy: $filter, minSeverity: $least) {{
    totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }}
    coverage {{ account {{ id }} status code }}
    nodes {{ account {{ id }} invoice {{ id }} {CHECK} }} }} }}"""


async def reconciliations(world: World, provider: str) -> list[Any]:
    """Return the reconciliation of each invoice of a provider, newest first."""
    data = await world.service.data(CHECKS, {"filter": {"providers": [provider]}})
    return [node["reconciliation"] for node in data["invoices"]["nodes"]]


async def checks(world: World, provider: str, code: str) -> list[Any]:
    """Return the outcomes of one check of the only invoice of a provider."""
    [reconciliation] = await reconciliations(world, provider)
    return [check for check in reconciliation["checks"] if check["code"] == code]


async def outcomes(world: World, provider: str, code: str) -> list[tuple[str, ...]]:
    """Return each outcome in short: the verdict, then the two figures or the reason."""
    return [short(check) for check in await checks(world, provider, code)]


def short(check: Any) -> tuple[str, ...]:
    if check["reason"]:
        return check["verdict"], check["reason"]
    return check["verdict"], check["expected"], check["actual"]


async def discrepancies(world: World, **variables: Any) -> Any:
    return (await world.service.data(DISCREPANCIES, variables))["discrepancies"]


async def found(world: World, code: str, **variables: Any) -> list[tuple[str | None, tuple[str, ...]]]:
    """Return the discrepancies with this code: the key of the invoice, and the outcome in short."""
    nodes = (await discrepancies(world, **variables))["nodes"]
    return [
        (node["invoice"] and node["invoice"]["id"].rpartition("/")[2], short(node["check"]))
        for node in nodes
        if node["check"]["code"] == code
    ]
