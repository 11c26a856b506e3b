"""The commands of this package, in the order of the help, and what each does in a line.

Told here alone, so that the help of all loads none of them.
"""

from typing import Final

SUMMARIES: Final = {
    "tools": "List the tools that can be run from here, and approve them",
    "tool": "Describe one tool in full",
    "run": "Run a tool as a job and follow it",
    "retry": "Run once more what a job ran",
    "jobs": "List jobs, newest first",
    "job": "Show one job as it stands",
    "events": "Show the events of a job",
    "wait": "Wait until a job has ended",
    "cancel": "Ask for the end of a job",
    "artifact": "Get a file that a job produced",
    "explain": "Explain how a job went",
    "provenance": "Show what exactly ran, and where",
    "verify": "Verify the record of a job that has ended",
    "locks": "List the locks that are held or waited for",
    "top": "Watch the jobs on one screen",
    "doctor": "Check what Dome needs, and say how to repair it",
    "service": "Start, stop, install and look at the daemon",
    "mcp": "Serve agents over MCP, or enter Dome with them",
    "completions": "Print what a shell needs to complete this command",
}
