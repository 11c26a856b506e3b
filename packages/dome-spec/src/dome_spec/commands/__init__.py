"""The command groups of the spec plane: each a `register(cli, runtime)` under the entry-point group `dome.commands`."""
