"""Text search over catalog entries: which have all the words, and which of them are meant. Pure.

Where a word stands decides: an id or a word of an id, part of an id, the title, the sentence, the text. Equal matches
come by id, so that one catalog and one query always give one order.
"""

import re
from collections.abc import Sequence
from typing import Final

from domed.catalog.tool import Tool

_NOWHERE: Final = 5
_SEPARATORS: Final = re.compile(r"[._]")


def found(tools: Sequence[Tool], words: Sequence[str]) -> Sequence[Tool]:
    """The tools that have all of the words, which are casefolded, the best match first. Without words all, as given."""
    if not words:
        return tools
    ranked = [(rank, tool.tool_id, tool) for tool in tools if (rank := _rank(tool, words)) is not None]
    ranked.sort(key=lambda each: each[:2])
    return [tool for _, _, tool in ranked]


def _rank(tool: Tool, words: Sequence[str]) -> int | None:
    """The lower, the better; None where a word is missing."""
    fields = (tool.tool_id, tool.title.casefold(), tool.short_description.casefold(), tool.text.casefold())
    id_words = {tool.tool_id, *_SEPARATORS.split(tool.tool_id)}
    total = 0
    for word in words:
        place = 0 if word in id_words else next((at for at, text in enumerate(fields, 1) if word in text), _NOWHERE)
        if place == _NOWHERE:
            return None
        total += place
    return total
