# @generated from contracts/. Do not edit: change the source, then run `just gen`.
"""The contracts of Dome."""
