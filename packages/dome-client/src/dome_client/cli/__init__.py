"""The `dome` command: parses, calls the SDK, renders. Knows no sockets and keeps no state."""
