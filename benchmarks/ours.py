"""The configuration of the service in each measured state."""

import json
from typing import Any

from .workloads import Account, Workload

_TTL_KEYS = ("settled", "invoice", "list", "month_to_date", "absent")
_NO_CACHE = dict.fromkeys((*_TTL_KEYS, "stale_for"), 0)
_ONE_DAY = dict.fromkeys(_TTL_KEYS, 86_400)
_CONCURRENCY = 64  # the maximum of an account
SEPARATE_ACCOUNTS = 128  # twice the maximum of connections, so that no two concurrent requests need the same data

STATES: dict[str, dict[str, Any]] = {
    "uncached": {"freshness": _NO_CACHE, "answers": 0},
    "in flight": {"freshness": _NO_CACHE, "answers": 0},
    "warm": {"freshness": _ONE_DAY, "answers": 0},
    "hot": {"freshness": _ONE_DAY, "answers": 64},
    "stock": {"freshness": _ONE_DAY, "answers": 0, "compiled": False},
}


def build_configuration(workload: Workload, state: str, simulator: str) -> tuple[str, list[str]]:
    """Return a TOML configuration, and the ids of the accounts that need a request each.

    The list is empty if one request covers all accounts.
    """
    options = STATES[state]
    is_separate = state == "uncached" and len(workload.accounts) == 1 and not workload.every_page
    accounts = list(workload.accounts) * (SEPARATE_ACCOUNTS if is_separate else 1)
    text = f"[server]\ncompiled = {_value(options.get('compiled', True))}\n[cache]\nanswers = {options['answers']}\n"
    for index, account in enumerate(accounts):
        text += "[[accounts]]\n" + _table(account, f"a{index}", options["freshness"], simulator)
    return text, [f"{account.provider}/a{index}" for index, account in enumerate(accounts)] if is_separate else []


def _table(account: Account, id: str, freshness: dict[str, int], simulator: str) -> str:
    keys = {
        "id": id,
        "provider": account.provider,
        "api_key": {"env": "BENCH_KEY"},
        "base_url": f"{simulator}/{account.provider}/{account.invoices}/{account.lines}",
        "concurrency": _CONCURRENCY,
        "attempts": 1,
        "freshness": freshness,
        **account.settings(),
    }
    return "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def _value(value: object) -> str:
    """Return the value in TOML: as JSON, except for tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
