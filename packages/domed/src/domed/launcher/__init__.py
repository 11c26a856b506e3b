"""The program between the daemon and a tool: gives up what the tool did not declare, then becomes the tool.

Run, never imported by the daemon. Each confined run waits for it, so it stands on the few modules of the standard
library that load fast: no typing, dataclasses, enum or signal, which together take longer than the rest.
"""
