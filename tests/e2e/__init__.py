"""The whole daemon in real processes, with real parts around it, seen only from outside: HTTP on both sides, rows, signals."""
