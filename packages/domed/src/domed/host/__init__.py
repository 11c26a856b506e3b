"""What the process owes the machine that it runs on.

`instance` and `listen` hold the state directory and the socket, which are private and never taken from a daemon that
lives; `loopback` is the other door, for who cannot reach the socket; `stop` hears the signals; `notify` and `pulse`
tell a service manager. Knows no gRPC and no jobs.
"""
