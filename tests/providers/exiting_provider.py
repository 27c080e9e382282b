"""An entry point names this module, whose import ends the process."""

raise SystemExit("no licence")
