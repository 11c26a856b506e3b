"""The gates: what every change must keep. Run as `python -m ci.gates`; `registry` names them all."""
