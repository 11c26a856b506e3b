"""The screen of `dome top`. Needs the extra `dome-client[top]`; nothing else of this package imports it."""
