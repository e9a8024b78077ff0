"""Bundles: an answer with all that it was made from, in one signed file that is verified without us."""
