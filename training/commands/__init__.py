"""One module per command, with a function ``run(options, out)`` that returns the JSON output."""
