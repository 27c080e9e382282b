"""Prometheus accepts the configuration and the alerts, and they and the dashboard use metrics that the service has."""

import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from server.config.metrics import MetricsSettings
from tests.harness import sandbox_of
from tests.server.telemetry.scraping import measured_service

from .monitoring import PROMTOOL, alert_expressions, alerts, needs_promtool, panel_expressions
from .rendered import DEPLOY

TESTS = Path(__file__).parent / "alerts.yml"
REPOSITORY = DEPLOY.parent
SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}


def promtool(*arguments: str | Path) -> tuple[int, str]:
    process = subprocess.run([str(PROMTOOL), *arguments], capture_output=True, text=True, check=False)
    return process.returncode, process.stdout + process.stderr


@needs_promtool
def test_the_configuration_and_the_alerts_are_valid() -> None:
    code, output = promtool("check", "config", DEPLOY / "prometheus/prometheus.yml")

    assert code == 0, output


@needs_promtool
def test_alerts_fire_on_their_symptoms_only() -> None:
    code, output = promtool("test", "rules", TESTS)

    assert code == 0, output


def test_every_alert_is_seen_firing_and_silent() -> None:
    tested = [rule for test in yaml.safe_load(TESTS.read_text())["tests"] for rule in test["alert_rule_test"]]

    names = {alert["alert"] for alert in alerts()}
    assert {rule["alertname"] for rule in tested if "exp_alerts" in rule} == names
    assert {rule["alertname"] for rule in tested if "exp_alerts" not in rule} == names


@needs_promtool
def test_every_expression_of_the_dashboard_is_valid(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.text} for number, expression in enumerate(panel_expressions())
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    code, output = promtool("check", "rules", path)

    assert code == 0, output
    assert f"{len(rules)} rules found" in output


async def test_every_metric_in_an_expression_exists() -> None:
    async with measured_service(sandbox_of("archera")) as (_, metrics):
        families = list(text_string_to_metric_families((await metrics.get()).text))
    exposed = {f"{family.name}{suffix}" for family in families for suffix in SUFFIXES[family.type]}
    expressions = panel_expressions() + alert_expressions()

    assert {name for expression in expressions for name in expression.metrics} <= exposed
    used = {name.removesuffix("_bucket") for expression in panel_expressions() for name in expression.metrics}
    shown = {family.name for family in families if used & {f"{family.name}{end}" for end in ("", "_total", "_sum")}}
    assert {family.name for family in families} - shown == {"invoicegraph_worker_starts"}  # the start times are shown


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_what_helps(alert: dict[str, dict[str, str]]) -> None:
    path, _, anchor = alert["annotations"]["runbook"].partition("#")
    lines = (REPOSITORY / path).read_text().splitlines()

    assert f"## {anchor.replace('-', ' ')}" in [line.lower() for line in lines]
    assert any(line.startswith(f"| `{alert['alert']}` |") for line in lines)
    assert alert["annotations"]["summary"].endswith(".")


def test_grafana_finds_the_dashboard_and_prometheus() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    mounts = dict(reversed(volume.split(":")[:2]) for volume in compose["grafana"]["volumes"])
    provisioning = DEPLOY / mounts["/etc/grafana/provisioning"]
    [folder] = yaml.safe_load((provisioning / "dashboards/invoicegraph.yaml").read_text())["providers"]
    [source] = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]

    assert [path.name for path in (DEPLOY / mounts[folder["options"]["path"]]).iterdir()] == ["invoicegraph.json"]
    assert source["url"] == "http://prometheus:9090"
    assert "127.0.0.1:9090:9090" in compose["prometheus"]["ports"]


def test_prometheus_scrapes_the_port_of_the_service() -> None:
    configuration = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    [target] = configuration["scrape_configs"][0]["static_configs"]

    assert target["targets"] == [f"invoicegraph:{MetricsSettings().port}"]
