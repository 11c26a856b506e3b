"""Writes `generated/` from `contracts/`: run as `python -m ci.gen`, through the recipe `just gen`."""
