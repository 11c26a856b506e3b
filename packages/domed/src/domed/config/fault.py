"""What is said of a configuration that cannot be used."""


class ConfigError(ValueError):
    """The configuration cannot be used. The message says where and what to do."""
