"""One module per command; each has ``run(options, out)``, which returns what ``--json`` prints."""
