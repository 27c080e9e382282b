"""Entry points name these providers, which cannot be used."""

from dataclasses import replace
from typing import Any, ClassVar

import strawberry
from nimbus_invoices import PROVIDER, Sandbox

from providers.fastly import PROVIDER as FASTLY
from providers.settings import AccountSettings


class SettingsWithoutLiteral(AccountSettings):
    """They do not say which provider they are for."""

    provider_name: ClassVar[str] = "Nimbus"
    key_header: ClassVar[str] = "X-Api-Key"


class SandboxWithInvalidAccount(Sandbox):
    """Its account has a key that the settings do not have."""

    def account(self, base_url: str) -> dict[str, object]:
        return super().account(base_url) | {"tenant": "t"}


@strawberry.type(name="Invoice")
class AnotherInvoice:
    """The graph has a type of this name."""

    number: str


def _fail(*_: Any) -> Any:
    raise RuntimeError("no sandbox")


OTHER_ID = replace(PROVIDER, id="cumulus")
SETTINGS_ARE_NO_CLASS: Any = replace(PROVIDER, settings=None)  # type: ignore[arg-type]
SETTINGS_WITHOUT_LITERAL = replace(PROVIDER, settings=SettingsWithoutLiteral)
FOREIGN_SANDBOX = replace(PROVIDER, sandbox=FASTLY.sandbox)
FAILING_SANDBOX = replace(PROVIDER, sandbox=_fail)
INVALID_ACCOUNT = replace(PROVIDER, sandbox=SandboxWithInvalidAccount)
DUPLICATE_TYPE = replace(PROVIDER, details=(*PROVIDER.details, AnotherInvoice))
