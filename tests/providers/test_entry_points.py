"""Entry points add providers of other packages. One that cannot be used is skipped."""

from importlib.metadata import EntryPoint

import pytest
from nimbus_invoices import PROVIDER as NIMBUS
from structlog.testing import capture_logs

from providers import archera, fastly, spectrocloud
from providers.entry_points import GROUP, SkippedProvider, load_providers, log_skipped

BUILT_IN = (archera.PROVIDER, fastly.PROVIDER, spectrocloud.PROVIDER)
UNUSABLE = {
    "no_such_module:PROVIDER": "ModuleNotFoundError: No module named 'no_such_module'",
    "nimbus_invoices:NO_SUCH_NAME": "AttributeError: module 'nimbus_invoices' has no attribute 'NO_SUCH_NAME'",
    "nimbus_invoices:Nimbus": "nimbus_invoices:Nimbus is not a ProviderSpec",
    "OTHER_ID": 'the id of its ProviderSpec is "cumulus"; the entry point must have the same name',
    "SETTINGS_ARE_NO_CLASS": "its settings are no subclass of AccountSettings",
    "SETTINGS_WITHOUT_LITERAL": 'its settings do not declare provider: Literal["nimbus"]',
    "FOREIGN_SANDBOX": 'the id of its sandbox is "fastly"',
    "tests.providers.exiting_provider:PROVIDER": "SystemExit: no licence",
    "tests.providers.misdeclared_provider:PROVIDER": (
        "DeclarationError: tests.providers.misdeclared_provider.LineItem declares 'descripton', "
        "which is none of category, cost, credit, description, details, digest, product, product_group, product_line, "
        "quantity, reference, region, unit_price, unread_money"
    ),
    "NO_PROVIDER_IN_ACCOUNT": 'the account of its sandbox does not have "provider": "nimbus"',
    "FAILING_SANDBOX": "RuntimeError: no sandbox",
}


def entry_point(name: str = "nimbus", value: str = "nimbus_invoices:PROVIDER") -> EntryPoint:
    return EntryPoint(name, value if ":" in value else f"tests.providers.unusable_providers:{value}", GROUP)


def test_an_entry_point_adds_a_provider() -> None:
    providers, skipped = load_providers(BUILT_IN, [entry_point()])

    assert list(providers) == ["archera", "fastly", "nimbus", "spectrocloud"]
    assert providers["nimbus"] is NIMBUS
    assert skipped == ()


@pytest.mark.parametrize("value", UNUSABLE)
def test_an_unusable_provider_is_skipped(value: str) -> None:
    providers, skipped = load_providers(BUILT_IN, [entry_point(value=value)])

    assert list(providers) == ["archera", "fastly", "spectrocloud"]
    assert skipped == (SkippedProvider("nimbus", "unknown", UNUSABLE[value]),)


@pytest.mark.parametrize(
    ("value", "cause"), [("INVALID_ACCOUNT", "ValidationError: 1 validation error"), ("DUPLICATE_TYPE", "Invoice")]
)
def test_what_would_stop_the_service_is_skipped(value: str, cause: str) -> None:
    providers, (skipped,) = load_providers(BUILT_IN, [entry_point(value=value)])

    assert list(providers) == ["archera", "fastly", "spectrocloud"]
    assert cause in skipped.cause


@pytest.mark.parametrize("name", ["", "Nimbus", "nimbus/a", "n" * 33])
def test_an_invalid_id_is_skipped(name: str) -> None:
    _, (skipped,) = load_providers(BUILT_IN, [entry_point(name)])

    assert skipped.cause == "its id is invalid; use 1 to 32 characters from a-z, 0-9 and -"


def test_a_taken_id_is_skipped() -> None:
    providers, skipped = load_providers(BUILT_IN, [entry_point("fastly"), entry_point(), entry_point()])

    assert providers["fastly"] is fastly.PROVIDER
    assert [(each.name, each.cause) for each in skipped] == [
        ("fastly", "another provider has this id"),
        ("nimbus", "another provider has this id"),
    ]


def test_the_order_of_entry_points_does_not_matter() -> None:
    entry_points = [entry_point("zephyr", "OTHER_ID"), entry_point(), entry_point("cumulus", "OTHER_ID")]

    assert load_providers(BUILT_IN, entry_points) == load_providers(BUILT_IN, reversed(entry_points))


def test_a_skipped_provider_is_logged() -> None:
    with capture_logs() as log:
        log_skipped([SkippedProvider("nimbus", "nimbus-invoices 1.0", "RuntimeError: no sandbox")])

    assert log == [
        {
            "event": "A provider could not be loaded.",
            "log_level": "error",
            "provider": "nimbus",
            "distribution": "nimbus-invoices 1.0",
            "cause": "RuntimeError: no sandbox",
        }
    ]
