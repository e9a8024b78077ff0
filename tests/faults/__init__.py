"""Every fault of the promise, injected and measured: a named test for each row, in a short, a chaos and a soak size."""
