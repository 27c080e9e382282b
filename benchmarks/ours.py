"""The service's configuration in each state that is measured."""

import json
from typing import Any

from .workloads import Account, Workload

_FRESH = ("settled", "invoice", "list", "month_to_date", "absent")
_NOTHING = dict.fromkeys((*_FRESH, "stale_for"), 0)
_DAY = dict.fromkeys(_FRESH, 86_400)
_CONCURRENCY = 64  # the most that an account may have
APART = 128  # accounts: twice as many as the most connections, so that no two requests under way ask for the same

STATES: dict[str, dict[str, Any]] = {
    "uncached": {"freshness": _NOTHING, "answers": 0},
    "in flight": {"freshness": _NOTHING, "answers": 0},
    "warm": {"freshness": _DAY, "answers": 0},
    "hot": {"freshness": _DAY, "answers": 64},
    "stock": {"freshness": _DAY, "answers": 0, "compiled": False},
}


def configuration(workload: Workload, state: str, simulator: str) -> tuple[str, list[str]]:
    """A TOML file, and the ids of the accounts that are asked one by one; none where all are asked at once."""
    chosen = STATES[state]
    apart = state == "uncached" and len(workload.accounts) == 1 and not workload.every_page
    accounts = list(workload.accounts) * (APART if apart else 1)
    text = f"[server]\ncompiled = {_value(chosen.get('compiled', True))}\n[cache]\nanswers = {chosen['answers']}\n"
    for place, account in enumerate(accounts):
        text += "[[accounts]]\n" + _table(account, f"a{place}", chosen["freshness"], simulator)
    return text, [f"{account.provider}/a{place}" for place, account in enumerate(accounts)] if apart else []


def _table(account: Account, id: str, freshness: dict[str, int], simulator: str) -> str:
    keys = {
        "id": id,
        "provider": account.provider,
        "api_key": {"env": "BENCH_KEY"},
        "base_url": f"{simulator}/{account.provider}/{account.invoices}/{account.lines}",
        "concurrency": _CONCURRENCY,
        "attempts": 1,
        "freshness": freshness,
        **account.keys(),
    }
    return "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def _value(value: object) -> str:
    """As TOML writes it: JSON, but for tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(part)}" for key, part in value.items()) + " }"
    return json.dumps(value)
