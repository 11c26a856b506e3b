"""The one way in which a schema can be beyond what is read exactly."""


class Unreadable(Exception):
    """Something in the schema has no exact reading as a formula; the message names it."""
