"""What the process owes the machine that it runs on.

`instance` and `listen` hold the state directory and the socket, which are private and never taken from a daemon that
lives; `stop` hears the signals; `notify` tells a service manager. Knows no gRPC and no jobs.
"""
