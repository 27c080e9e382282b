"""Packaging: package names, pinned requirements, the wheel, the image, and `make setup`."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["execution", "schema", "providers", "resolvers", "server"]
PINS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def logical_lines(pins: Path) -> Iterator[str]:
    """Yield the lines of a requirements file without comments, with continued lines joined."""
    text = re.sub(r"(^|\s)#.*", "", pins.read_text())
    return (line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip())


def versions(pins: Path) -> dict[str, str]:
    """Return the pinned version of each distribution in a requirements file."""
    return dict(line.split()[0].split("==") for line in logical_lines(pins))


@pytest.mark.parametrize("package", PACKAGES)
def test_package_name_belongs_to_no_other_distribution(package: str) -> None:
    owners = set(packages_distributions().get(package, []))

    assert owners <= {"invoicegraph"}
    assert Path(str(import_module(package).__file__)) == ROOT / package / "__init__.py"


def test_every_requirements_file_exists() -> None:
    assert [pins.name for pins in PINS] == ["audit.txt", "build.txt", "dev.txt", "node.txt", "run.txt"]


@pytest.mark.parametrize("pins", PINS, ids=lambda pins: pins.name)
def test_every_pin_is_exact_and_hashed_without_index(pins: Path) -> None:
    pin = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^:@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")

    assert [line for line in logical_lines(pins) if not pin.fullmatch(line)] == []
    assert "://" not in pins.read_text()


@pytest.mark.parametrize("name", ["build.txt", "run.txt"])
def test_tests_use_the_shipped_versions(name: str) -> None:
    shipped = versions(ROOT / "requirements" / name)

    assert shipped.items() <= versions(ROOT / "requirements" / "dev.txt").items()


def test_pins_satisfy_the_declared_dependencies() -> None:
    pinned = versions(ROOT / "requirements" / "run.txt")
    requirements = [Requirement(line) for line in PROJECT["project"]["dependencies"]]

    assert [each.name for each in requirements if not each.specifier.contains(pinned.get(each.name, "0"))] == []


def test_wheel_has_the_packages_and_the_pages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = {name for name in names if name.startswith("invoicegraph-0.1.0.dist-info/")}
        commands = archive.read("invoicegraph-0.1.0.dist-info/entry_points.txt").decode()

    assert names - metadata == source_files() | page_files()
    assert commands.splitlines() == ["[console_scripts]", "invoicegraph = server.start:main"]


def test_command_is_callable() -> None:
    (command,) = entry_points(group="console_scripts", name="invoicegraph")

    assert callable(command.load())


def source_files() -> set[str]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file())
    return {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}


def page_files() -> set[str]:
    """Return the paths of the built pages' files in the wheel."""
    return {
        f"server/{page}/{file.relative_to(ROOT / page / 'dist').as_posix()}"
        for page in ("console", "graphiql")
        for file in (ROOT / page / "dist").rglob("*")
        if file.is_file()
    }


def test_image_copies_the_whole_build_context() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    context_paths = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert sorted(path for path in " ".join(copies).split() if "/" not in path) == sorted(context_paths)
    assert [path for path in context_paths if not (ROOT / path).exists()] == []


def run_setup(python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `make setup` in `folder`. The only Python on the PATH is the shell script `python`."""
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copy(ROOT / "pyproject.toml", folder)
    commands = folder / "bin"
    commands.mkdir()
    for tool in ["sh", "cat", "rm"]:
        (commands / tool).symlink_to(str(shutil.which(tool)))
    (commands / "python3.12").write_text(f"#!/bin/sh\n{python}\n")
    (commands / "python3.12").chmod(0o755)
    make = [str(shutil.which("make")), "setup"]
    return subprocess.run(make, cwd=folder, env={"PATH": str(commands)}, capture_output=True, text=True, check=False)


def test_setup_reports_that_no_python_works(tmp_path: Path) -> None:
    outcome = run_setup("echo 'the shim of a version that is gone' >&2; exit 127", tmp_path)

    assert outcome.returncode != 0
    assert outcome.stderr.splitlines()[0] == (
        "Python 3.11 or newer was not found: install one, or name yours with make setup PYTHON=/path/to/python."
    )


def test_setup_names_the_package_with_venv(tmp_path: Path) -> None:
    python_without_venv = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.12;; esac'

    outcome = run_setup(python_without_venv, tmp_path)

    assert outcome.returncode != 0
    assert outcome.stderr.splitlines()[0] == (
        "python3.12 has no venv module: install it (Debian, Ubuntu: apt install python3.12-venv)."
    )


def test_moved_environment_is_created_again(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "ready").write_text("/where/it/was/before\n")

    outcome = run_setup('case "$3" in --clear) echo made "$4"; exit 3;; esac', tmp_path)

    assert "made .venv" in outcome.stdout
