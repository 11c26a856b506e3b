"""The tool `codex.exec`: one task for codex, which works on it without a person and gives its last message.

`task` puts the parts together: `program` finds codex, `command` says what it is told, `child` is the process with all
that it starts, `transcript` what its events say, and `verdict` the reasons for which there is no answer.
"""
