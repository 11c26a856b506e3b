"""The commands of this package, one module each: parse, call, render, return an exit code."""
