"""Palette: an invoice by its uid. There is no list, so the configuration names the invoices."""

from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import structlog
from pydantic import field_validator, model_validator

from providers.errors import NotFound, Unintelligible
from providers.settings import AccountSettings, BaseUrl, RateLimitSettings, Segment
from providers.source import DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient
from schema.invoice import Invoice

from . import translate

_log = structlog.get_logger()


class SpectroCloudSettings(AccountSettings):
    """A Palette tenant, and the uids of its invoices: listed, in a file, or both."""

    provider_name: ClassVar[str] = "Spectro Cloud Palette"
    key_header: ClassVar[str] = "ApiKey"

    provider: Literal["spectrocloud"]
    base_url: BaseUrl = "https://api.spectrocloud.com"
    rate_limit: RateLimitSettings | None = RateLimitSettings(per_second=10, burst=50)  # as documented, by address
    tenant_uid: Segment
    invoice_uids: tuple[Segment, ...] = ()
    invoice_uids_file: Path | None = None  # one uid a line; blank lines and those that begin with # are skipped

    @property
    def tenant(self) -> str:
        return self.tenant_uid

    @field_validator("invoice_uids_file")
    @classmethod
    def _readable(cls, file: Path | None) -> Path | None:
        if file is None:
            return None
        try:
            _uids_in(file)
        except (OSError, ValueError):
            raise ValueError(f"the file {file} cannot be read; it should hold the uid of one invoice a line") from None
        return file

    @model_validator(mode="after")
    def _names_invoices(self) -> Self:
        if not self.model_fields_set & {"invoice_uids", "invoice_uids_file"}:
            raise ValueError(
                "Palette has no list of invoices: name them, as in "
                'invoice_uids = ["65bb0c1de4b0a1b2c3d4e5f6"], or in a file, invoice_uids_file = "/path", one uid a line'
            )
        return self


class SpectroCloud:
    """One Palette tenant."""

    volatile_keys = frozenset({"metadata", "states", "stripeInvoiceId"})
    list_is_local = True

    def __init__(self, settings: SpectroCloudSettings, api: ApiClient) -> None:
        self.settings = settings
        self.reference = settings.tenant_uid
        self._api, self._owner = api, settings.owner
        self._uids = _Uids(settings)
        self.list_is_static = settings.invoice_uids_file is None

    async def page(self, _window: DateWindow, _cursor: str | None) -> InvoicePage:
        """The configured uids, whatever the window; nobody is asked."""
        return InvoicePage(observed_at=None, keys=self._uids.now())

    async def invoice(self, native: str) -> Invoice | None:
        """An invoice by its uid."""
        try:
            answer = await self._api.get("v1", "tenants", self.settings.tenant_uid, "invoices", native)
        except NotFound:
            return None
        if not isinstance(answer.body, dict):
            raise Unintelligible(self._owner, "an invoice was expected")
        body: Any = answer.body
        found = translate.invoice(body, self._owner, answer.observed_at)
        if found.id != self._owner.invoice(native):
            raise Unintelligible(self._owner, "it is about another invoice")
        return found

    def period_end(self, _native: str) -> None:
        """No key of this provider says it."""

    async def line_items(self, _native: str) -> LineItems:
        """Palette's invoices bring their lines along; where one does not, there are none to be had."""
        return LineItems(observed_at=None)


class _Uids:
    """The uids that the configuration names; the file is read again when it has changed."""

    def __init__(self, settings: SpectroCloudSettings) -> None:
        self._listed, self._file = settings.invoice_uids, settings.invoice_uids_file
        self._account = settings.owner.id
        self._filed: list[str] = []
        self._seen: tuple[int, ...] | None = None
        self.now()

    def now(self) -> list[str]:
        """Those of the list, then those of the file, each once."""
        if self._file is not None:
            self._look_into(self._file)
        return list(dict.fromkeys([*self._listed, *self._filed]))

    def _look_into(self, file: Path) -> None:
        try:
            status = file.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if seen != self._seen:
                self._filed, self._seen = _uids_in(file), seen
        except (OSError, ValueError):
            _log.warning("the file of uids cannot be read; the uids last read stand", account=self._account)


def _uids_in(file: Path) -> list[str]:
    lines = (line.strip() for line in file.read_text("utf-8-sig").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
