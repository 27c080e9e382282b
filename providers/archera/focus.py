"""Archera's facts as columns of FOCUS."""

from decimal import Decimal
from typing import Any

from providers.focus import FocusMapping, Grain, Service
from schema.focus_columns import COST_SCALE, number, text
from schema.line_item import LineItem
from schema.values import Money

_SERVICE = Service("Management and Governance", "Cost Management", "Archera")


def _details(line: LineItem) -> Any:
    return line.details


def _grain(line: LineItem) -> Grain:
    return {"ServiceName": _SERVICE.name, "x_Commitment": _details(line).commitment}


def _label(line: LineItem) -> str:
    """Return what the cost of a line is: the premium, and the contract term."""
    return " ".join(filter(None, ("Premium", _details(line).contract_term)))


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


FOCUS = FocusMapping(
    issuer="Archera",
    grain=_grain,
    service=lambda _: _SERVICE,
    label=_label,
    facts={
        text("x_Commitment", "Commitment that the line is about."): lambda line: _details(line).commitment,
        text("x_ContractTerm", "Contract term, in Archera's word."): lambda line: _details(line).contract_term,
        number("x_Utilization", "Used share of the commitment, 0 to 1."): lambda line: _details(line).utilization,
        number("x_Rebate", "Money that Archera gives back. It is not in BilledCost.", scale=COST_SCALE): (
            lambda line: _amount(_details(line).rebate)
        ),
        number("x_GrossSavings", "Savings before the premium.", scale=COST_SCALE): (
            lambda line: _amount(_details(line).gross_savings)
        ),
        number("x_NetSavings", "Savings after premium and rebate.", scale=COST_SCALE): (
            lambda line: _amount(_details(line).net_savings)
        ),
    },
)
