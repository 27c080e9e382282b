"""The providers: one package for each, listed in `PROVIDERS` by id."""

from . import archera, fastly, spectrocloud

_SPECS = (
    archera.PROVIDER,
    fastly.PROVIDER,
    spectrocloud.PROVIDER,
)
PROVIDERS = {spec.id: spec for spec in _SPECS}
