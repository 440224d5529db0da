from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from datetime import date

import pytest

import finmodel


def test_the_public_names_are_these():
    assert finmodel.__all__ == ["Case", "Faults", "FinmodelError", "__version__", "load", "metrics"]
    assert dir(finmodel) == finmodel.__all__
    for name in finmodel.__all__:
        assert getattr(finmodel, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = finmodel.laod


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import finmodel, sys; print([name for name in ('numpy', 'pandas', 'rich', 'llvmlite') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_newest_entry_of_the_changelog_is_this_version(repository):
    entries = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", (repository / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert entries[0][0] == finmodel.__version__
    days = [date.fromisoformat(day) for _, day in entries]
    assert days == sorted(days, reverse=True)


def test_every_dependency_is_pinned(repository):
    import tomllib

    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    lines = [line for line in (repository / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[^=\s]+", line) for line in lines), (
        "a pin is NAME==VERSION and nothing else"
    )
    pinned = {normal(line.partition("==")[0]) for line in lines}
    assert {normal(re.match(r"[A-Za-z0-9._-]+", entry)[0]) for entry in wanted} <= pinned


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, repository)
    (built,) = folder.glob("finmodel-*.whl")
    return built


def test_the_wheel_carries_the_assumptions(repository, wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    books = {
        path.relative_to(repository / "assumptions").as_posix() for path in (repository / "assumptions").rglob("*.yaml")
    }
    assert "cases/reference-1gw.yaml" in books
    assert {f"finmodel/_assumptions/{book}" for book in books} <= packed
    assert "finmodel/py.typed" in packed
    assert not [name for name in packed if name.startswith(("assumptions/", "tests/", "outputs/"))]


def test_an_installed_wheel_needs_no_checkout(wheel, tmp_path):
    pip("install", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel)
    (tmp_path / "elsewhere").mkdir()
    where = "import finmodel; print(finmodel.__file__)"
    run = {"cwd": tmp_path / "elsewhere", "env": os.environ | {"PYTHONPATH": str(tmp_path / "site")}, "text": True}
    found = subprocess.run([sys.executable, "-c", where], capture_output=True, check=True, **run)
    assert found.stdout.startswith(str(tmp_path / "site"))
    checked = subprocess.run([sys.executable, "-m", "finmodel", "check", "reference-1gw"], capture_output=True, **run)
    assert (checked.returncode, checked.stderr) == (0, "")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
