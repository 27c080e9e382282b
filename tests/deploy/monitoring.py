"""The dashboard and the alerts of deploy/, and the names of metrics in their expressions."""

import json
import re
import shutil
from typing import Any, NamedTuple

import pytest
import yaml

from .rendered import DEPLOY

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on the PATH")
_METRIC = re.compile(r"\binvoicegraph_[a-z_]+")


class Expression(NamedTuple):
    """An expression of PromQL, and the panel or the alert that it belongs to."""

    title: str
    text: str

    @property
    def metrics(self) -> set[str]:
        return set(_METRIC.findall(self.text))


def panel_expressions(interval: str = "5m") -> list[Expression]:
    """Return the expressions of the dashboard's panels as Grafana sends them: for all accounts, over this interval."""
    values = {"$__rate_interval": interval, "$account": ".*"}
    return [Expression(panel["title"], _insert(target["expr"], values)) for panel, target in _targets()]


def _targets() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    panels = json.loads((DEPLOY / "grafana/dashboards/invoicegraph.json").read_text())["panels"]
    return [(panel, target) for panel in panels for target in panel.get("targets", ())]


def _insert(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    assert "$" not in text, text
    return text


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def alert_expressions() -> list[Expression]:
    return [Expression(rule["alert"], rule["expr"]) for rule in alerts()]
