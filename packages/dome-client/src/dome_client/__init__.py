"""The way in: the SDK and the `dome` command. Knows the contracts and the socket, nothing behind them."""
