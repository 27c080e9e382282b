"""Client for Palette: an invoice by its uid. Palette has no list, so the configuration names the invoices."""

from pathlib import Path
from typing import ClassVar, Literal, Self

import structlog
from pydantic import field_validator, model_validator

from providers.call import CallContext
from providers.errors import Unavailable
from providers.regular_file import read_regular_file
from providers.rest import RestSource
from providers.settings import AccountSettings, BaseUrl, RateLimitSettings, Segment
from providers.source import DateWindow, InvoicePage
from providers.transport.client import ApiClient

from .translate import SpectroCloudInvoice

_log = structlog.get_logger()


class SpectroCloudSettings(AccountSettings):
    """Settings of a Palette tenant, and the uids of its invoices: in a list, in a file, or in both."""

    provider_name: ClassVar[str] = "Spectro Cloud Palette"
    key_header: ClassVar[str] = "ApiKey"

    provider: Literal["spectrocloud"]
    base_url: BaseUrl = "https://api.spectrocloud.com"
    rate_limit: RateLimitSettings | None = RateLimitSettings(per_second=10, burst=50)  # documented, per client address
    tenant_uid: Segment
    invoice_uids: tuple[Segment, ...] = ()
    invoice_uids_complete: bool = False  # the operator says that these are the uids of all invoices
    invoice_uids_file: Path | None = None  # one uid per line; blank lines and lines that begin with # are skipped

    @property
    def tenant(self) -> str:
        return self.tenant_uid

    @property
    def names_every_invoice(self) -> bool:
        return self.invoice_uids_complete

    @field_validator("invoice_uids_file")
    @classmethod
    def _check_readable(cls, file: Path | None) -> Path | None:
        if file is None:
            return None
        try:
            _read_uids(file)
        except (OSError, ValueError):
            raise ValueError(f"the file {file} cannot be read; it should hold one invoice uid per line") from None
        return file

    @model_validator(mode="after")
    def _check_invoices_named(self) -> Self:
        if not self.model_fields_set & {"invoice_uids", "invoice_uids_file"}:
            raise ValueError(
                "Palette has no list of invoices; name the invoices, for example "
                'invoice_uids = ["65bb0c1de4b0a1b2c3d4e5f6"], or name a file with one uid per line: '
                'invoice_uids_file = "/path"'
            )
        return self


class SpectroCloud(RestSource[SpectroCloudSettings]):
    """The source of one Palette tenant's invoices. An invoice's key is its uid."""

    invoice_row = SpectroCloudInvoice
    volatile_keys = frozenset({"metadata", "states", "stripeInvoiceId"})
    list_is_local = True

    def __init__(self, settings: SpectroCloudSettings, api: ApiClient) -> None:
        super().__init__(settings, api)
        self.path = ("v1", "tenants", settings.tenant_uid, "invoices")
        self._uids = _ConfiguredUids(settings)
        self.list_is_static = settings.invoice_uids_file is None

    async def page(self, _window: DateWindow, _cursor: str | None, _call: CallContext) -> InvoicePage:
        """Return the configured uids for any window, without a call. Raises Unavailable if their file is unreadable."""
        return InvoicePage(observed_at=None, keys=self._uids.current())


class _ConfiguredUids:
    """The uids that the configuration names. The file is read again after a change."""

    def __init__(self, settings: SpectroCloudSettings) -> None:
        self._listed_uids, self._file = settings.invoice_uids, settings.invoice_uids_file
        self._account_ref = settings.account_ref
        self._file_uids: list[str] = []
        self._file_signature: tuple[int, ...] | None = None  # None: it was never read
        if self._file is not None:
            self._refresh(self._file)

    def current(self) -> list[str]:
        """Return the uids of the list and then those of the file, without duplicates.

        Raises Unavailable if the file could never be read.
        """
        if self._file is not None:
            self._refresh(self._file)
            if self._file_signature is None:
                raise Unavailable(self._account_ref, "the file of its invoice uids cannot be read")
        return list(dict.fromkeys([*self._listed_uids, *self._file_uids]))

    def _refresh(self, file: Path) -> None:
        try:
            stat = file.stat()
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if signature != self._file_signature:
                self._file_uids, self._file_signature = _read_uids(file), signature
        except (OSError, ValueError):
            _log.warning(
                "The file of invoice uids cannot be read. The uids read before stay in use.",
                account=self._account_ref.id,
            )


def _read_uids(file: Path) -> list[str]:
    lines = (line.strip() for line in read_regular_file(file).content.decode("utf-8-sig").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
