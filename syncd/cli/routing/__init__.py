"""`syncd routes` and `syncd presets`: where cases go, and what their incidents look like."""

from .presets import presets
from .routes import routes

__all__ = ["presets", "routes"]
