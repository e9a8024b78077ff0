"""`python -m syncd` and the command `syncd`."""

from __future__ import annotations


def main() -> None:
    from syncd.cli.main import run

    run()


if __name__ == "__main__":
    main()
