"""Real accounts or simulated ones: the caller of the command chooses, and a mixture is named in the log."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from providers.settings import AccountSettings

NO_CONFIGURATION = """\
There is no configuration, so there are no accounts to read. Write a file such as accounts.toml:

  [[accounts]]
  id = "cdn"
  provider = "fastly"
  api_key = { env = "FASTLY_API_KEY" }

and name it: --config accounts.toml, or INVOICEGRAPH_CONFIG=accounts.toml. For simulated accounts add --sandbox."""
_ACCOUNTS_AND_SANDBOX = (
    "{name} has accounts, but --sandbox uses simulated accounts only. Leave out --sandbox, or the accounts."
)
MAX_NAMES = 10  # of sandbox accounts in one line of the log
_log = structlog.get_logger()


def choice_problem(path: Path | None, accounts: Sequence[AccountSettings], *, sandbox: bool) -> str | None:
    """Return why the accounts do not suit `sandbox`, or None. `path`: the file that has been read."""
    if sandbox:
        return _ACCOUNTS_AND_SANDBOX.format(name=path) if accounts else None
    return None if path else NO_CONFIGURATION


def log_mixture(accounts: Sequence[AccountSettings]) -> None:
    """Warn if real and sandbox accounts are served together: a sum over both is no cost."""
    simulated = [account.id for account in accounts if account.sandbox]
    if 0 < len(simulated) < len(accounts):
        _log.warning(
            "Real and sandbox accounts are served together. Lists and sums mix real costs with simulated ones.",
            sandbox_accounts=simulated[:MAX_NAMES],
            count=len(simulated),
        )


def describe(accounts: Sequence[AccountSettings]) -> str:
    """Return what is served, for the first line of the service. Without any account it is the sandbox."""
    count = len(accounts)
    if all(account.sandbox for account in accounts):
        subject = {0: "sandbox accounts", 1: "1 sandbox account"}.get(count, f"{count} sandbox accounts")
        return f"{subject}: simulated data, never real costs"
    return "1 account" if count == 1 else f"{count} accounts"
