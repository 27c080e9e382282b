"""Entry points name these providers, which cannot be used."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import strawberry
from nimbus_invoices import PROVIDER, NimbusSettings, Sandbox

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


class SettingsWithDefault(NimbusSettings):
    """They are valid without a provider."""

    provider: Literal["nimbus"] = "nimbus"


class SandboxWithoutProvider(Sandbox):
    """Its account does not name the provider."""

    def account(self, base_url: str) -> dict[str, object]:
        return {key: value for key, value in super().account(base_url).items() if key != "provider"}


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
NO_PROVIDER_IN_ACCOUNT = replace(PROVIDER, settings=SettingsWithDefault, sandbox=SandboxWithoutProvider)
INVALID_ACCOUNT = replace(PROVIDER, sandbox=SandboxWithInvalidAccount)
DUPLICATE_TYPE = replace(PROVIDER, details=(*PROVIDER.details, AnotherInvoice))
