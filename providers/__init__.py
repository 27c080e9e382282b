"""Where answers come from: one uniform folder for each provider, one line for each here."""

from . import fastly

PROVIDERS = {
    fastly.PROVIDER.id: fastly.PROVIDER,
}
