"""The sandbox's invoices, made from the seed and the month alone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import ZERO_TIME, Dice, JsonObject, instant, milliseconds, next_month, without_zeros

from .sandbox_charges import ANNUAL_SINCE, TRIAL_UNTIL, Key, charges, monthly_free

PENDING, IN_PROGRESS, FAILED, PAID = "PaymentPending", "PaymentInProgress", "PaymentFailed", "Paid"
_DECLINED = "Your card has insufficient funds."
_STATUS_SINCE = date(2023, 12, 1)
_ADDRESS = {
    "addressLine1": "181 Market Street",
    "city": "San Jose",
    "country": "US",
    "pincode": "95113",
    "state": "CA",
}


class State(NamedTuple):
    """Where payment stood from an instant on."""

    word: str
    at: datetime
    message: str = ""

    def wire(self) -> JsonObject:
        return without_zeros({"paymentMsg": self.message, "state": self.word, "timestamp": milliseconds(self.at)})


def created_at(key: Key) -> datetime:
    """Soon after midnight of the next month's first day."""
    return instant(next_month(key.month), minutes=5 + key.number, seconds=11, milliseconds=204)


@cache
def uid(seed: int, key: Key) -> str:
    """24 hex digits that begin with the second of creation, as MongoDB's do."""
    return f"{int(created_at(key).timestamp()):08x}{Dice(seed, 'palette', *key, 'uid').hex(16)}"


@cache
def states(seed: int, key: Key) -> tuple[State, ...]:
    """How payment goes, earliest first; within six weeks it is over."""
    if key.month < TRIAL_UNTIL:
        return ()
    dice = Dice(seed, "palette", *key, "payment")
    at = created_at(key)
    history = [State(PENDING, at), State(IN_PROGRESS, at := at + timedelta(hours=dice.between(20, 60)))]
    for _ in range(dice.pick((0, 0, 1, 2))):
        history.append(State(FAILED, at := at + timedelta(minutes=dice.between(1, 30)), _DECLINED))
        history.append(State(IN_PROGRESS, at := at + timedelta(days=dice.between(2, 9))))
    if dice.one_in(12):
        history.append(State("PaymentDisputed", at + timedelta(days=dice.between(1, 6)), "Under review."))
    else:
        history.append(State(PAID, at + timedelta(minutes=dice.between(1, 30))))
    return tuple(history)


def in_their_order(key: Key, history: Sequence[State]) -> list[State]:
    """Some months list the newest state first, some the earliest, and some neither."""
    orders = (sorted(history, key=lambda s: s.at), sorted(history, key=lambda s: s.word), list(history)[::-1])
    return list(orders[key.month.month % 3])


def invoice(seed: int, key: Key, history: Sequence[State]) -> JsonObject:
    """What Go's `omitempty` leaves: zeros are absent, empty lists null, unset times year 1."""
    changed = max((state.at for state in history), default=created_at(key))
    metadata = {
        "creationTimestamp": milliseconds(created_at(key)),
        "deletionTimestamp": ZERO_TIME,
        "labels": {"billing": "monthly"},
        "lastModifiedTimestamp": milliseconds(changed),
        "name": f"{key.month:%Y-%m}" + (f"-{key.number}" if key.number else ""),
        "uid": uid(seed, key),
    }
    wire: JsonObject = {"metadata": metadata, "spec": _spec(seed, key.month)}
    if key.month >= _STATUS_SINCE:
        listed = [state.wire() for state in in_their_order(key, history)]
        wire["status"] = dict(sorted((charges(seed, key) | {"states": listed or None}).items()))
    return wire


def _spec(seed: int, month: date) -> JsonObject:
    dice = Dice(seed, "palette", month, "spec")
    plan = _plan(month)
    on_premises = plan != "Trial" and dice.one_in(9)
    return {
        "address": _ADDRESS,
        "billingPeriod": {
            "end": milliseconds(instant(next_month(month), seconds=-1)),
            "start": milliseconds(instant(month)),
        },
        "credits": without_zeros(
            {"alloyFreeCredits": monthly_free(month, "alloy"), "pureFreeCredits": monthly_free(month, "pure")}
        ),
        "envType": "OnPrem" if on_premises else plan,
        "month": milliseconds(instant(month)),
        "paymentUnit": "usd",
        "plan": {
            "freeCredits": _free_credits(seed, month),
            "plantype": plan,
            "slaCredits": _sla_credits(seed, month) if dice.one_in(4) else None,
        },
    }


def _plan(month: date) -> str:
    if month < TRIAL_UNTIL:
        return "Trial"
    return "AnnualSubscription" if month >= ANNUAL_SINCE else "MonthlyOnDemand"


def _free_credits(seed: int, month: date) -> list[JsonObject] | None:
    year = date(month.year, 1, 1)
    granted = []
    for product, hours in (("Pure", 25_000), ("Alloy", 10_000)):
        if monthly_free(month, product.lower()):
            percent = Dice(seed, "palette", month, product).between(2, 8) * month.month
            credit = _credit(seed, f"welcome-{year.year}", product, year, date(year.year, 12, 31), hours)
            granted.append(credit | {"totalCpuCoreHours": hours * percent // 100})
    return granted or None


def _sla_credits(seed: int, month: date) -> list[JsonObject]:
    """Nothing of it is used yet: `totalCpuCoreHours` is 0, and so not sent."""
    return [_credit(seed, f"sla-{month:%Y-%m}", "Pure", month, None, 500)]


def _credit(seed: int, name: str, product: str, start: date, expiry: date | None, hours: int) -> JsonObject:
    plan_credit = {
        "cpuCoreHours": hours,
        "creditUid": f"65a1{Dice(seed, 'palette', name, product).hex(20)}",
        "expiry": milliseconds(instant(expiry)) if expiry else ZERO_TIME,
        "name": name,
        "start": milliseconds(instant(start)),
        "type": product,
    }
    return {"planCredit": plan_credit}
