"""Built-in tools: programs the daemon runs, each in a process of its own, and never imports."""
