"""Measures Dome side by side with named peers and with the bare mechanism, in one run on one machine."""
