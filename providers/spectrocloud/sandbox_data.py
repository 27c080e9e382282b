"""Sample invoices of Palette's sandbox. They depend on the seed and the month only."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import ZERO_TIME, Dice, JsonObject, format_milliseconds, instant, next_month, omit_empty

from .sandbox_charges import ANNUAL_SINCE, TRIAL_UNTIL, InvoiceKey, charges, free_credits_in

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
    """The state of a payment from a time on."""

    word: str
    timestamp: datetime
    message: str = ""

    def payload(self) -> JsonObject:
        return omit_empty(
            {"paymentMsg": self.message, "state": self.word, "timestamp": format_milliseconds(self.timestamp)}
        )


def created_at(key: InvoiceKey) -> datetime:
    """Return when an invoice is created: shortly after midnight on the first day of the next month."""
    return instant(next_month(key.month), minutes=5 + key.number, seconds=11, milliseconds=204)


@cache
def uid(seed: int, key: InvoiceKey) -> str:
    """Return a uid of 24 hex digits. As in MongoDB, it begins with the second of creation."""
    return f"{int(created_at(key).timestamp()):08x}{Dice(seed, 'palette', *key, 'uid').hex(16)}"


@cache
def states(seed: int, key: InvoiceKey) -> tuple[State, ...]:
    """Return the payment history, earliest state first. It ends within six weeks."""
    if key.month < TRIAL_UNTIL:
        return ()
    dice = Dice(seed, "palette", *key, "payment")
    time = created_at(key)
    history = [State(PENDING, time), State(IN_PROGRESS, time := time + timedelta(hours=dice.between(20, 60)))]
    for _ in range(dice.pick((0, 0, 1, 2))):
        history.append(State(FAILED, time := time + timedelta(minutes=dice.between(1, 30)), _DECLINED))
        history.append(State(IN_PROGRESS, time := time + timedelta(days=dice.between(2, 9))))
    if dice.one_in(12):
        history.append(State("PaymentDisputed", time + timedelta(days=dice.between(1, 6)), "Under review."))
    else:
        history.append(State(PAID, time + timedelta(minutes=dice.between(1, 30))))
    return tuple(history)


def order_states(key: InvoiceKey, history: Sequence[State]) -> list[State]:
    """Return the states in the order of their month: earliest first, newest first, or neither."""
    by_timestamp = sorted(history, key=lambda state: state.timestamp)
    by_word = sorted(history, key=lambda state: state.word)
    orders = (by_timestamp, by_word, list(history)[::-1])
    return list(orders[key.month.month % 3])


def invoice(seed: int, key: InvoiceKey, history: Sequence[State]) -> JsonObject:
    """Return an invoice in the style of Go's `omitempty`: no zeros, null for empty lists, year 1 for unset times."""
    modified_at = max((state.timestamp for state in history), default=created_at(key))
    metadata = {
        "creationTimestamp": format_milliseconds(created_at(key)),
        "deletionTimestamp": ZERO_TIME,
        "labels": {"billing": "monthly"},
        "lastModifiedTimestamp": format_milliseconds(modified_at),
        "name": f"{key.month:%Y-%m}" + (f"-{key.number}" if key.number else ""),
        "uid": uid(seed, key),
    }
    payload: JsonObject = {"metadata": metadata, "spec": _spec(seed, key.month)}
    if key.month >= _STATUS_SINCE:
        state_payloads = [state.payload() for state in order_states(key, history)]
        payload["status"] = dict(sorted((charges(seed, key) | {"states": state_payloads or None}).items()))
    return payload


def _spec(seed: int, month: date) -> JsonObject:
    dice = Dice(seed, "palette", month, "spec")
    plan = _plan(month)
    is_on_premises = plan != "Trial" and dice.one_in(9)
    return {
        "address": _ADDRESS,
        "billingPeriod": {
            "end": format_milliseconds(instant(next_month(month), seconds=-1)),
            "start": format_milliseconds(instant(month)),
        },
        "credits": omit_empty(
            {"alloyFreeCredits": free_credits_in(month, "alloy"), "pureFreeCredits": free_credits_in(month, "pure")}
        ),
        "envType": "OnPrem" if is_on_premises else plan,
        "month": format_milliseconds(instant(month)),
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
    year_start = date(month.year, 1, 1)
    credits = []
    for product, hours in (("Pure", 25_000), ("Alloy", 10_000)):
        if free_credits_in(month, product.lower()):
            percent = Dice(seed, "palette", month, product).between(2, 8) * month.month
            credit = _credit(seed, f"welcome-{month.year}", product, year_start, date(month.year, 12, 31), hours)
            credits.append(credit | {"totalCpuCoreHours": hours * percent // 100})
    return credits or None


def _sla_credits(seed: int, month: date) -> list[JsonObject]:
    """Return a credit of which nothing is used yet: `totalCpuCoreHours` is 0 and therefore omitted."""
    return [_credit(seed, f"sla-{month:%Y-%m}", "Pure", month, None, 500)]


def _credit(seed: int, name: str, product: str, start: date, expiry: date | None, hours: int) -> JsonObject:
    plan_credit = {
        "cpuCoreHours": hours,
        "creditUid": f"65a1{Dice(seed, 'palette', name, product).hex(20)}",
        "expiry": format_milliseconds(instant(expiry)) if expiry else ZERO_TIME,
        "name": name,
        "start": format_milliseconds(instant(start)),
        "type": product,
    }
    return {"planCredit": plan_credit}
