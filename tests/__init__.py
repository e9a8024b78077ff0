"""The tests mirror the package; `tests.parts` starts the real databases, brokers and browsers they use."""
