"""`make bench`: prints every figure as JSON, with the machine it was measured on."""

from __future__ import annotations

import json
import os
import platform
import sys

from . import audit, counting, evidence, pipeline, pruning, receiver, why


def main() -> None:
    parts = {
        "receiver": receiver.measure,
        "pipeline": pipeline.measure,
        "pruning": pruning.measure,
        "audit": audit.measure,
        "counting": counting.measure,
        "why": why.measure,
        "evidence": evidence.measure,
    }
    chosen = sys.argv[1:] or list(parts)
    figures = {"machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}}
    for name in chosen:
        sys.stderr.write(f"measuring the {name} ...\n")
        figures[name] = parts[name]()  # type: ignore[assignment]  # figures of several shapes
        sys.stderr.write(json.dumps(figures[name], default=str) + "\n")  # Whoever stops the next part keeps this one.
    sys.stdout.write(json.dumps(figures, indent=2, default=str) + "\n")


if __name__ == "__main__":
    main()
