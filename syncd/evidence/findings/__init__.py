"""The 24 checks: `catalogue` has a row for each, the files beside it their functions, and `judging` what becomes of their opinions."""
