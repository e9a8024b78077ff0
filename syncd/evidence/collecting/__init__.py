"""Collecting: what is asked of an account for each dataset, answer by answer, and kept so that it can be gone through again."""
