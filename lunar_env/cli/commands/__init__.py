"""One module per command; each has one function, `run`."""
