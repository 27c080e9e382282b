"""What a caller may do beyond reaching an account. The names appear in grants and in @requiresScopes."""

from enum import StrEnum

from strawberry.federation.schema_directives import Authenticated, RequiresScopes


class Scope(StrEnum):
    """One permission of a caller, on all of its granted accounts."""

    INVOICES_READ = "invoices:read"  # everything except what another scope is for
    RAW_READ = "raw:read"  # the provider's own objects
    CACHE_BYPASS = "cache:bypass"  # fresh data by Cache-Control: no-cache
    EXPORT = "export"  # files of many invoices


def _requires(*scopes: Scope) -> RequiresScopes:
    return RequiresScopes(scopes=[[str(scope) for scope in scopes]])


# Directives of the schema. The executor refuses an operation that selects what the caller lacks a scope for. A service
# that authenticates its callers does so for every operation, so @authenticated needs no check of its own.
AUTHENTICATED = [Authenticated()]
INVOICES = [_requires(Scope.INVOICES_READ)]
RAW_OBJECTS = [_requires(Scope.INVOICES_READ, Scope.RAW_READ)]
