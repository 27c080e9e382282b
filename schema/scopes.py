"""What a caller may do beyond reaching an account. The names appear in grants and in @requiresScopes."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission of a caller, on all of its granted accounts."""

    INVOICES_READ = "invoices:read"  # everything except what another scope is for
    RAW_READ = "raw:read"  # the provider's own objects
    CACHE_BYPASS = "cache:bypass"  # fresh data by Cache-Control: no-cache
    EXPORT = "export"  # files of many invoices
