"""One change's way through us and beyond: its W3C trace context, and spans for those who collect them."""
