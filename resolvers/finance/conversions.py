"""The converters of one request, and what its response then says about them."""

from providers.call import CallContext
from resolvers.outcomes import RequestOutcomes
from schema.rates import RateDay
from schema.scalars import CurrencyCode

from .conversion import Converter
from .rates import RateTable

_NO_RATES = "Nothing is converted: the operator of this service has configured no exchange rates."


class Conversions:
    """Creates converters by the operator's rates."""

    def __init__(self, rates: RateTable, call: CallContext, outcomes: RequestOutcomes) -> None:
        self._rates, self._call, self._outcomes = rates, call, outcomes

    def converter(self, target: CurrencyCode, rate_day: RateDay, field: str, argument: str) -> Converter:
        """Return the converter to a currency, which is the value of this argument of a field.

        A response with the rates of today is not cached. Without rates the response has a warning. Raises BadUserInput
        if the currency has no minor unit.
        """
        if rate_day is RateDay.TODAY and self._call.dependencies is not None:
            self._call.dependencies.is_cacheable = False
        key = field, argument
        if not self._rates and self._outcomes.can_warn(key):
            self._outcomes.warn(key, {"message": _NO_RATES, "field": field, "argument": argument, "nearestId": None})
        return Converter(self._rates, target, rate_day, argument)
