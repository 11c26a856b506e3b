# @generated from contracts/proto. Do not edit: change the source, then run `just gen`.
"""The pool in which the messages of all packages find each other."""

import betterproto2

default_message_pool = betterproto2.MessagePool()
