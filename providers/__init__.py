"""Where answers come from: one uniform folder for each provider, one line for each here."""

from . import archera, fastly

_KINDS = (
    archera.PROVIDER,
    fastly.PROVIDER,
)
PROVIDERS = {kind.id: kind for kind in _KINDS}
