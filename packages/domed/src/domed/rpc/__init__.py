"""The daemon's door: gRPC over a Unix socket.

`edge` is the only place where errors become gRPC status; `service` has the calls; `translate` turns our values into
messages and back; `admission` decides whether a job is accepted. `server`, `wire`, `streams`, `codec`, `details`,
`peer`, `health` and `reflection` each mend one thing that the transport library leaves open.
"""
