"""The Kubernetes objects of deploy/: of the kustomization, and of the chart as Helm renders it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.config.loading import load
from server.config.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NO_CLUSTER = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n"
NEEDED = "its package is missing: make kubernetes"
Objects = dict[str, dict[str, Any]]  # by kind


def render_chart(**values: Any) -> Objects:
    """Return the chart's objects with these values. No cluster is contacted."""
    helm_python = pytest.importorskip("helm_python", reason=NEEDED)
    with helm_python.Config(kubeconfig_content=NO_CLUSTER, storage_driver="memory", namespace="invoicegraph") as config:
        release = config.install(DEPLOY / "helm", "invoicegraph", values, dry_run="client")
    return _by_kind(release["manifest"])


def render_kustomization() -> Objects:
    kubectl, kustomize = shutil.which("kubectl"), shutil.which("kustomize")
    if not (kubectl or kustomize):
        pytest.skip("neither kubectl nor kustomize is on the PATH")
    command = [kubectl, "kustomize"] if kubectl else [str(kustomize), "build"]
    rendered = subprocess.run([*command, str(DEPLOY / "kubernetes")], check=True, capture_output=True, text=True)
    return _by_kind(rendered.stdout)


def load_deployed(text: str, folder: str, tmp_path: Path) -> Settings:
    """Load a configuration whose files are in `folder`, with files of its own in their place."""
    for name, content in (("keys.json", '{"keys": []}'), ("fastly", "key")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o440)
    config_path = tmp_path / "accounts.toml"
    config_path.write_text(text.replace(folder, str(tmp_path)))
    return load(config_path)


def _by_kind(text: str) -> Objects:
    return {each["kind"]: each for each in yaml.safe_load_all(text) if each}
