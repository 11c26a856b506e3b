"""The bridge for agents: Dome as an MCP server on standard input and output, and its entry in their configuration.

Needs the extra `dome-client[mcp]`. Holds nothing durable: jobs, keys and events are the daemon's.
"""
