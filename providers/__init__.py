"""The providers: one package for each, and those of other packages. `PROVIDERS` lists all of them, sorted by id."""

from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .entry_points import SkippedProvider
    from .registry import ProviderSpec

PROVIDERS: "Mapping[str, ProviderSpec]"
SKIPPED_PROVIDERS: "tuple[SkippedProvider, ...]"  # entry points that could not be loaded


def __getattr__(name: str) -> object:
    """Load the providers when one of the two names is first used.

    Not when this package is imported: the package of a provider imports it too, and would then not be complete.
    """
    if name not in {"PROVIDERS", "SKIPPED_PROVIDERS"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import archera, fastly, spectrocloud  # noqa: PLC0415
    from .entry_points import GROUP, load_providers  # noqa: PLC0415

    specs = archera.PROVIDER, fastly.PROVIDER, spectrocloud.PROVIDER
    loaded = globals()
    loaded["PROVIDERS"], loaded["SKIPPED_PROVIDERS"] = load_providers(specs, metadata.entry_points(group=GROUP))
    return loaded[name]
