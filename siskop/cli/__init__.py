"""The `siskop` command: a module for each group of commands, found by its name."""
