"""What people install: wheel and sdist have all in them, and the wheel runs where there is no clone."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import tickstream
from tests.support.process import LONG, environment

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tickstream"
VERSION = tickstream.__version__


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this clone."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=LONG)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"tickstream-{VERSION}-py3-none-any.whl"


def files_of(folder: Path) -> Iterator[str]:
    """What belongs to the package, data and all."""
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_the_wheel_has_the_whole_package_and_the_manual_page(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    assert set(files_of(PACKAGE)) <= names
    for name in ("server/page/index.html", "sources/yahoo/pricing.proto", "py.typed"):
        assert f"tickstream/{name}" in names
    assert f"tickstream-{VERSION}.data/data/share/man/man1/tickstream.1" in names
    assert f"tickstream-{VERSION}.dist-info/licenses/LICENSE" in names
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_the_sdist_has_all_that_is_needed_to_change_and_to_test_it(built: Path) -> None:
    with tarfile.open(built / f"tickstream-{VERSION}.tar.gz") as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    wanted = [*files_of(PACKAGE), *files_of(ROOT / "completions"), *files_of(ROOT / ".github" / "pictures")]
    wanted += ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml"]
    wanted += ["tests/test_package.py", "tests/conftest.py"]
    assert set(wanted) - {"completions/.gitkeep"} <= names


def test_the_wheel_runs_where_there_is_no_clone(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    venv.create(home, symlinks=True)
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", str(wheel)]
    subprocess.run(pip, check=True, timeout=LONG)
    # The libraries are those of these tests; what is installed comes before them.
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib"))

    def ran(*arguments: str) -> str:
        command = [str(python.with_name("tickstream")), *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=LONG, check=True
        )
        return done.stdout

    where = subprocess.run(
        [python, "-c", "import tickstream; print(tickstream.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(home))
    assert ran("--version") == f"tickstream {VERSION}\n"
    assert json.loads(ran("watch", "AAPL", "--demo", "--json", "--count", "1"))["id"] == "AAPL"
    assert (home / "share" / "man" / "man1" / "tickstream.1").is_file()


def test_the_version_stands_in_one_place() -> None:
    assert VERSION not in (ROOT / "pyproject.toml").read_text("utf-8").replace(f">={VERSION}", "")
    holders = [path for path in PACKAGE.rglob("*.py") if f'"{VERSION}"' in path.read_text("utf-8")]
    assert holders == [PACKAGE / "__init__.py"]
