"""Whoever keeps one side of a link. All speak the port; flows reach them only through connections."""
