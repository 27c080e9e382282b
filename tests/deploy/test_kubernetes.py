"""The manifests and the chart agree with the schemas of Kubernetes, are hardened, and hold valid configurations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from helm_python import HelmError

from server.config.loading import load
from server.config.settings import Settings

from .rendered import DEPLOY, Objects, render_chart, render_kustomization

VERSION = "1.37"
KINDS = {
    "ConfigMap",
    "Deployment",
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
}
RENDERERS = pytest.mark.parametrize("render", [render_kustomization, render_chart], ids=["kustomize", "helm"])
Render = Callable[[], Objects]


@RENDERERS
def test_every_object_is_valid(render: Render) -> None:
    objects = render()

    assert objects.keys() - {"Namespace"} == KINDS
    for each in objects.values():
        kubernetes_validate.validate(each, VERSION, strict=True)


def test_the_example_of_the_secret_is_valid() -> None:
    secret = yaml.safe_load((DEPLOY / "kubernetes/secret.example.yaml").read_text())

    kubernetes_validate.validate(secret, VERSION, strict=True)


@RENDERERS
def test_pods_have_no_privileges(render: Render) -> None:
    pod = render()["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["volumes"][1]["secret"]["defaultMode"] == 0o440


@RENDERERS
def test_selectors_select_the_pods(render: Render) -> None:
    objects = render()
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors: list[dict[str, Any]] = [
        objects["Deployment"]["spec"]["selector"]["matchLabels"],
        objects["Service"]["spec"]["selector"],
        objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    [callers] = objects["NetworkPolicy"]["spec"]["ingress"]

    assert all(selector.items() <= labels.items() for selector in selectors)
    assert objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "invoicegraph"
    assert callers["from"][0]["podSelector"]["matchLabels"] == {"invoicegraph-client": "true"}


@RENDERERS
def test_its_configuration_loads(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = render()
    [container] = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    for variable in container["env"]:
        monkeypatch.setenv(variable["name"], variable.get("value", "redis://cache:6379/0"))

    settings = load_deployed(objects["ConfigMap"]["data"]["accounts.toml"], "/run/secrets/invoicegraph", tmp_path)

    assert (settings.server.host, settings.access.has_methods, len(settings.accounts)) == ("0.0.0.0", True, 1)


def test_compose_has_a_valid_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "redis://valkey:6379/0")
    monkeypatch.setenv("FASTLY_API_KEY", "key")
    text = (DEPLOY / "accounts.toml").read_text()

    settings = load_deployed(text, "/run/keys", tmp_path)

    assert (settings.access.has_methods, settings.cache.url is not None) == (True, True)


def load_deployed(text: str, folder: str, tmp_path: Path) -> Settings:
    """Load a configuration whose files are in `folder`, with files of its own in their place."""
    for name, content in (("keys.json", '{"keys": []}'), ("fastly", "key")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o440)
    config_path = tmp_path / "accounts.toml"
    config_path.write_text(text.replace(folder, str(tmp_path)))
    return load(config_path)


def test_a_misspelt_value_is_refused() -> None:
    with pytest.raises(HelmError, match="autoscalling"):
        render_chart(autoscalling={"minReplicas": 3})


def test_values_reach_the_objects() -> None:
    objects = render_chart(
        image={"tag": "9"}, env=[{"name": "HTTPS_PROXY", "value": "http://p:1"}], networkPolicy={"enabled": False}
    )
    [container] = objects["Deployment"]["spec"]["template"]["spec"]["containers"]

    assert container["image"] == "invoicegraph:9"
    assert container["env"][-1] == {"name": "HTTPS_PROXY", "value": "http://p:1"}
    assert "NetworkPolicy" not in objects
