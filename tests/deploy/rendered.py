"""The Kubernetes objects of deploy/: of the kustomization, and of the chart as Helm renders it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NO_CLUSTER = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n"
Objects = dict[str, dict[str, Any]]  # by kind


def render_chart(**values: Any) -> Objects:
    """Return the chart's objects with these values. No cluster is contacted."""
    with Config(kubeconfig_content=NO_CLUSTER, storage_driver="memory", namespace="invoicegraph") as config:
        release = config.install(DEPLOY / "helm", "invoicegraph", values, dry_run="client")
    return _by_kind(release["manifest"])


def render_kustomization() -> Objects:
    kubectl, kustomize = shutil.which("kubectl"), shutil.which("kustomize")
    if not (kubectl or kustomize):
        pytest.skip("neither kubectl nor kustomize is on the PATH")
    command = [kubectl, "kustomize"] if kubectl else [str(kustomize), "build"]
    rendered = subprocess.run([*command, str(DEPLOY / "kubernetes")], check=True, capture_output=True, text=True)
    return _by_kind(rendered.stdout)


def _by_kind(text: str) -> Objects:
    return {each["kind"]: each for each in yaml.safe_load_all(text) if each}
