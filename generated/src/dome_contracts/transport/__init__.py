# @generated from contracts/. Do not edit: change the source, then run `just gen`.
"""Modules below `dome_contracts.transport`."""
