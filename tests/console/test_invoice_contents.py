"""The page of an invoice: what each provider states, what does not add up, and the original object."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from providers import PROVIDERS
from providers.sandbox import Fault, Sandbox
from providers.ttl import CacheTtl
from resolvers.grants import Grants
from schema.scopes import Scope
from tests.browser import needs_browser
from tests.harness import create_sandbox, now
from tests.views.callers import FASTLY, access_of, key_of, read

from .checks import PAGE_WIDTHS, sign_in, violations
from .console import DEFAULT_CACHING, INVOICE, Console, open_console
from .test_invoices_figures import written

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

ODD_FASTLY = "invoice?id=fastly/odd-fastly/invoice/INV-321156"
ODD_ARCHERA = "invoice?id=archera/odd-archera/invoice/2026-10"
ODD_PALETTE = "invoice?id=spectrocloud/odd-palette/invoice/6ae6823749ea7e645ba71e58"
ARCHERA_INVOICE = "invoice?id=archera/sandbox-archera/invoice/2026-10"
CONTENTS = """query($id: ID!) { invoice(id: $id) {
  total { amount currency } linesTotal { sum { amount currency } }
  lineItems(first: 100) { nodes {
    id description category region quantity { amount } unitPrice { amount currency } cost { amount currency }
    details { reference ... on ArcheraLineItemDetails {
      commitment utilization contractTerm premium { amount currency } rebate { amount currency }
      netSavings { amount currency } grossSavings { amount currency } } } } }
  projects { name cost { amount currency } }
  reconciliation { checks { verdict subject } } raw } }"""


def odd() -> Sandbox:
    """The sandbox accounts whose invoices do not add up."""
    return create_sandbox(*(spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox))


async def contents(console: Console, address: str) -> Any:
    return (await console.service.data(CONTENTS, {"id": address.removeprefix("invoice?id=")}))["invoice"]


def part(console: Console, name: str) -> Locator:
    return console.page.get_by_role("region", name=name, exact=True)


async def cells(rows: Locator) -> list[list[str]]:
    """The texts of the cells of each row, without what stands below or beside the first line."""
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.split('\\n')[0].trim()))"
    found: list[list[str]] = await rows.evaluate_all(script)
    return found


def amount(money: dict[str, str] | None) -> str:
    return written(money) if money else "not stated"


async def test_lines_of_fastly_equal_the_graph_and_what_differs_is_marked() -> None:
    async with open_console(ODD_FASTLY, sandbox=odd()) as console:
        rows = part(console, "Line items").locator("tbody").get_by_role("row")
        await expect(rows).to_have_count(16)
        invoice = await contents(console, ODD_FASTLY)
        assert await cells(rows) == [
            [
                line["description"] + (" purchase" if line["category"] == "PURCHASE" else ""),
                line["region"] or "not stated",
                f"{Decimal(line['quantity']['amount']):,}",
                amount(line["unitPrice"]),
                amount(line["cost"]),
            ]
            for line in invoice["lineItems"]["nodes"]
        ]
        footer = part(console, "Line items").locator("tfoot")
        await expect(footer).to_contain_text("Sum of 16 lines")
        await expect(footer).to_contain_text(amount(invoice["linesTotal"]["sum"]))

        await expect(console.page.locator(".stat").filter(has_text="Sum of the lines")).to_contain_text(
            "Off the total by USD -250.10."
        )
        (check, *_) = await cells(part(console, "Does it add up").locator("tbody").first.get_by_role("row"))
        assert check[:5] == ["The lines add up to the total", "Differs", "USD 6,831.15", "USD 6,581.05", "USD -250.10"]
        await console.page.get_by_text("1 difference").click()
        await expect(console.page.get_by_text("agree").first).to_be_visible()
        console.visit.assert_clean()


async def test_lines_of_archera_state_commitment_term_utilisation_and_savings() -> None:
    async with open_console(ODD_ARCHERA, sandbox=odd()) as console:
        rows = part(console, "Line items").locator("tbody").get_by_role("row")
        await expect(rows).to_have_count(8)
        invoice = await contents(console, ODD_ARCHERA)
        checks = invoice["reconciliation"]["checks"]
        off = {check["subject"] for check in checks if check["verdict"] in {"MISMATCH", "WITHIN_TOLERANCE"}}
        lines = invoice["lineItems"]["nodes"]
        assert await cells(rows) == [
            [
                details["commitment"] + (" does not add up" if line["id"] in off else ""),
                (details["contractTerm"] or "not stated").replace("_", " "),
                f"{(Decimal(details['utilization']) * 100).normalize():f}\u202f%",
                *(amount(details[name]) for name in ("grossSavings", "rebate", "netSavings", "premium")),
            ]
            for line in lines
            for details in [line["details"]]
        ]
        assert lines[0]["id"] in off  # a utilisation of 102 %
        total = console.page.locator(".stat").filter(has_text="The provider states no total.")
        await expect(total).to_contain_text("not stated")
        await expect(part(console, "Payment")).to_contain_text("This does not mean unpaid.")
        assert await violations(console.page) == []
        console.visit.assert_clean()


async def test_palette_states_tiers_credits_and_projects() -> None:
    async with open_console(ODD_PALETTE, sandbox=odd(), viewport={"width": 360, "height": 740}) as console:
        lines = part(console, "Line items").locator("tbody").get_by_role("row")
        await expect(lines).to_have_count(2)
        pure = ["Pure", "Tier 2", "121.8", "96.8 credits", "USD 30.00", "USD 2,904.00"]
        assert (await cells(lines))[0] == pure
        await expect(lines.nth(1)).to_contain_text("does not add up")

        invoice = await contents(console, ODD_PALETTE)
        projects = part(console, "Projects")
        shown = [(name, cost) for name, _, cost in await cells(projects.locator("tbody").get_by_role("row"))]
        assert shown == [(share["name"] or "not named", amount(share["cost"])) for share in invoice["projects"]]
        await expect(projects.locator("tfoot")).to_contain_text("Sum of the projects")
        await expect(projects.locator("tfoot")).to_contain_text("USD 2,904.00")
        credits = part(console, "Credits").locator("tbody").get_by_role("row")
        assert (await cells(credits))[0][1:4] == ["25,000 core-hours", "10,000 core-hours", "15,000 core-hours"]
        await expect(part(console, "Payment").get_by_role("listitem").last).to_contain_text("Paid")
        content, available = await console.page.evaluate(PAGE_WIDTHS)
        assert content <= available
        await console.page.emulate_media(color_scheme="dark")
        assert await violations(console.page) == []
        console.visit.assert_clean()


async def test_the_way_back_keeps_the_filters_of_the_list() -> None:
    async with open_console("invoices?period=all&currency=EUR") as console:
        keyboard = console.page.keyboard
        await expect(console.rows).to_have_count(6)
        await console.rows.first.get_by_role("link").focus()
        await keyboard.press("Enter")
        await expect(console.title).to_be_focused()
        await expect(part(console, "Line items").locator("tfoot")).to_be_visible()
        await console.page.reload()
        await keyboard.press("Tab")
        link = console.page.get_by_role("link", name="Back to the invoices")
        await link.focus()
        await keyboard.press("Enter")

        await expect(console.page).to_have_url(f"{console.url}invoices?period=all&currency=EUR")
        await expect(console.rows).to_have_count(6)
        await console.open(INVOICE)
        await expect(link).to_have_attribute("href", "invoices")


async def test_the_original_object_is_read_on_request() -> None:
    async with open_console(INVOICE) as console:
        await part(console, "Original object").get_by_role("button", name="Show").click()
        shown = await console.page.locator("pre").inner_text()

        assert json.loads(shown) == (await contents(console, INVOICE))["raw"]
        await expect(part(console, "Original object").get_by_role("button")).to_have_count(0)
        console.visit.assert_clean()


@pytest.mark.parametrize(("scopes", "is_allowed"), [((), False), ((Scope.RAW_READ,), True)])
async def test_the_original_object_is_for_those_who_may_see_it(scopes: tuple[Scope, ...], is_allowed: bool) -> None:
    grants = Grants(frozenset([FASTLY]), read(FASTLY).scopes | frozenset(scopes))
    async with open_console(INVOICE, access=access_of({"one": grants})) as console:
        await sign_in(console, key_of("one"))
        original = part(console, "Original object")
        await original.get_by_role("button", name="Show").click()

        if is_allowed:
            await expect(original.locator("pre")).to_contain_text("INV-321156")
        else:
            await expect(original).to_contain_text("You are not allowed to see this.")
            await expect(original).to_contain_text("MISSING_SCOPE")


async def test_a_restated_invoice_and_an_outdated_one_are_marked() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with open_console(ARCHERA_INVOICE, settings) as console:
        lines = part(console, "Line items").locator("tbody").get_by_role("row")
        await expect(lines).to_have_count(8)
        faults = console.service.control("archera").faults
        faults.append(Fault(kind="garbage", body='[{"id": "another"}]', path="line-items"))
        await console.page.reload()
        await expect(lines).to_have_count(1)
        await console.page.reload()
        await expect(console.page.get_by_text("This invoice was restated.")).to_be_visible()
        await expect(part(console, "Invoice")).to_contain_text("restated")

        faults.clear()
        faults.append(Fault(kind="status", status=503))
        await console.page.reload()
        await expect(console.page.get_by_text("Archera could not be read.")).to_be_visible()
        await expect(part(console, "Invoice")).to_contain_text("out of date")


async def test_an_invoice_on_paper_has_its_figures_and_no_controls() -> None:
    async with open_console(ARCHERA_INVOICE, viewport={"width": 718, "height": 1000}) as console:
        page = console.page
        await expect(part(console, "Line items").locator("tfoot")).to_be_visible()
        await page.emulate_media(media="print")

        for hidden in (
            page.get_by_role("banner"),
            page.get_by_role("button", name="Print"),
            page.get_by_text("Original object"),
        ):
            await expect(hidden).to_be_hidden()
        await expect(part(console, "Invoice")).to_contain_text("simulated")
        await expect(page.get_by_role("columnheader", name="Net savings")).to_be_visible()
        widest = await page.get_by_role("table").first.evaluate(
            "table => table.scrollWidth - table.parentElement.clientWidth"
        )
        assert widest <= 0
        assert re.search(r"Sum of 7 of 8 lines", await part(console, "Line items").inner_text())
