"""Where answers come from: one uniform folder for each provider, one line for each here."""

from . import archera, fastly, spectrocloud

_KINDS = (
    archera.PROVIDER,
    fastly.PROVIDER,
    spectrocloud.PROVIDER,
)
PROVIDERS = {kind.id: kind for kind in _KINDS}
