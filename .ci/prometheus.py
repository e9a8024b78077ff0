"""Puts Debian's Prometheus into the virtual environment, for tests of the alert rules where the machine has none: needs apt-get and dpkg, not root.

The package is only unpacked, none of its scripts is run; apt-get itself holds it against the signed list of its archive.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = ("prometheus", "promtool")


def main() -> None:
    home = Path(sys.prefix) / "prometheus"
    if all((home / name).exists() for name in PROGRAMS):
        print(f"A Prometheus is there already: {home}")
        return
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            sys.exit(f"Prometheus comes as a package of Debian's and {tool} is not on PATH: install prometheus itself.")
    # Made beside its place and moved there whole: a run that was cut off leaves nothing that looks finished.
    with tempfile.TemporaryDirectory(prefix="prometheus-", dir=sys.prefix) as folder:
        unpacked = unpack(fetch(Path(folder)))
        shutil.rmtree(home, ignore_errors=True)
        unpacked.rename(home)
    print(f"Installed a Prometheus: {home}")


def fetch(folder: Path) -> Path:
    said = run(folder, "apt-get", "-q", "download", "prometheus")
    if said and os.geteuid() == 0:
        # A container's lists of packages are often thrown away, or so old that the package is gone.
        run(folder, "apt-get", "-qq", "update")
        said = run(folder, "apt-get", "-q", "download", "prometheus")
    if said:
        sys.exit(f"apt-get could not fetch the package prometheus: {said}")
    return next(folder.glob("prometheus_*.deb"))


def unpack(package: Path) -> Path:
    said = run(package.parent, "dpkg", "-x", str(package), "files")
    if said:
        sys.exit(f"dpkg could not unpack {package.name}: {said}")
    return package.parent / "files" / "usr" / "bin"


def run(folder: Path, *words: str) -> str:
    """Its complaint, when it could not do its part."""
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return (
        ""
        if done.returncode == 0
        else (done.stderr or done.stdout).strip()[-500:] or f"it ended with {done.returncode}"
    )


if __name__ == "__main__":
    main()
