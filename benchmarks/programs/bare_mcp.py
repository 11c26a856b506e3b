"""An MCP server of the official SDK with one tool that does nothing: what a bridge costs at the least."""

import asyncio

from mcp.server import MCPServer
from pydantic import BaseModel

server = MCPServer("bare")


class Echoed(BaseModel):
    """The answer."""

    text: str


@server.tool()
async def echo(text: str) -> Echoed:
    """Give the text back."""
    return Echoed(text=text)


if __name__ == "__main__":
    asyncio.run(server.run_stdio_async())
