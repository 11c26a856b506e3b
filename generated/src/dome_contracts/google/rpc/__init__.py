# @generated from contracts/proto: google/rpc/error_details.proto, google/rpc/status.proto. Do not edit: change the source, then run `just gen`.
# mypy: disable-error-code="unreachable"
"""Messages, enums and stubs of the proto package `google.rpc`."""

__all__ = (
    "BadRequest",
    "BadRequestFieldViolation",
    "DebugInfo",
    "ErrorInfo",
    "Help",
    "HelpLink",
    "LocalizedMessage",
    "PreconditionFailure",
    "PreconditionFailureViolation",
    "QuotaFailure",
    "QuotaFailureViolation",
    "RequestInfo",
    "ResourceInfo",
    "RetryInfo",
    "Status",
)

import datetime
from dataclasses import dataclass

import betterproto2

from dome_contracts.message_pool import default_message_pool

_COMPILER_VERSION = "0.10.1"
betterproto2.check_compiler_version(_COMPILER_VERSION)


@dataclass(eq=False, repr=False)
class BadRequest(betterproto2.Message):
    """
    Faults in a request.
    """

    field_violations: "list[BadRequestFieldViolation]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    All faulty fields.
    """


default_message_pool.register_message("google.rpc", "BadRequest", BadRequest)


@dataclass(eq=False, repr=False)
class BadRequestFieldViolation(betterproto2.Message):
    """
    One faulty field.
    """

    field: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The path of the field in the request.
    """

    description: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Why the value is bad.
    """

    reason: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The cause, in UPPER_SNAKE_CASE.
    """

    localized_message: "LocalizedMessage | None" = betterproto2.field(4, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The description in the language of the reader.
    """


default_message_pool.register_message("google.rpc", "BadRequest.FieldViolation", BadRequestFieldViolation)


@dataclass(eq=False, repr=False)
class DebugInfo(betterproto2.Message):
    """
    What helps the developers of the server.
    """

    stack_entries: "list[str]" = betterproto2.field(1, betterproto2.TYPE_STRING, repeated=True)
    """
    Stack entries, innermost first.
    """

    detail: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Anything else the server has to say.
    """


default_message_pool.register_message("google.rpc", "DebugInfo", DebugInfo)


@dataclass(eq=False, repr=False)
class ErrorInfo(betterproto2.Message):
    """
    The cause of an error, for programs.
    """

    reason: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The cause, in UPPER_SNAKE_CASE, unique within the domain.
    """

    domain: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The system that defines the reason.
    """

    metadata: "dict[str, str]" = betterproto2.field(
        3, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Values that belong to this occurrence.
    """


default_message_pool.register_message("google.rpc", "ErrorInfo", ErrorInfo)


@dataclass(eq=False, repr=False)
class Help(betterproto2.Message):
    """
    Where to read on.
    """

    links: "list[HelpLink]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    The pages.
    """


default_message_pool.register_message("google.rpc", "Help", Help)


@dataclass(eq=False, repr=False)
class HelpLink(betterproto2.Message):
    """
    One page.
    """

    description: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    What the page offers.
    """

    url: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Its address.
    """


default_message_pool.register_message("google.rpc", "Help.Link", HelpLink)


@dataclass(eq=False, repr=False)
class LocalizedMessage(betterproto2.Message):
    """
    A sentence in the language of the reader.
    """

    locale: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The language, as a BCP 47 tag.
    """

    message: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The sentence.
    """


default_message_pool.register_message("google.rpc", "LocalizedMessage", LocalizedMessage)


@dataclass(eq=False, repr=False)
class PreconditionFailure(betterproto2.Message):
    """
    Conditions that were not met.
    """

    violations: "list[PreconditionFailureViolation]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    All unmet conditions.
    """


default_message_pool.register_message("google.rpc", "PreconditionFailure", PreconditionFailure)


@dataclass(eq=False, repr=False)
class PreconditionFailureViolation(betterproto2.Message):
    """
    One unmet condition.
    """

    type: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The kind of condition, defined by the service.
    """

    subject: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    What the condition is about.
    """

    description: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    How it was not met and what to do.
    """


default_message_pool.register_message("google.rpc", "PreconditionFailure.Violation", PreconditionFailureViolation)


@dataclass(eq=False, repr=False)
class QuotaFailure(betterproto2.Message):
    """
    Quotas that were exceeded.
    """

    violations: "list[QuotaFailureViolation]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    All exceeded quotas.
    """


default_message_pool.register_message("google.rpc", "QuotaFailure", QuotaFailure)


@dataclass(eq=False, repr=False)
class QuotaFailureViolation(betterproto2.Message):
    """
    One exceeded quota.
    """

    subject: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Whose quota it is.
    """

    description: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    How it was exceeded and what to do.
    """

    api_service: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The service that keeps the quota.
    """

    quota_metric: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    The metric that is counted.
    """

    quota_id: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    The id of the quota.
    """

    quota_dimensions: "dict[str, str]" = betterproto2.field(
        6, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Values that select the quota among those of one metric.
    """

    quota_value: "int" = betterproto2.field(7, betterproto2.TYPE_INT64)
    """
    The limit that held.
    """

    future_quota_value: "int | None" = betterproto2.field(8, betterproto2.TYPE_INT64, optional=True)
    """
    The limit that is being introduced, if one is.
    """


default_message_pool.register_message("google.rpc", "QuotaFailure.Violation", QuotaFailureViolation)


@dataclass(eq=False, repr=False)
class RequestInfo(betterproto2.Message):
    """
    What finds a request again.
    """

    request_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The id of the request, as the server logged it.
    """

    serving_data: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Opaque data for the developers of the server.
    """


default_message_pool.register_message("google.rpc", "RequestInfo", RequestInfo)


@dataclass(eq=False, repr=False)
class ResourceInfo(betterproto2.Message):
    """
    The resource that was being used.
    """

    resource_type: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The kind of resource.
    """

    resource_name: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Its name.
    """

    owner: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Its owner, if known.
    """

    description: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    What happened to it.
    """


default_message_pool.register_message("google.rpc", "ResourceInfo", ResourceInfo)


@dataclass(eq=False, repr=False)
class RetryInfo(betterproto2.Message):
    """
    When a client may try again.
    """

    retry_delay: "datetime.timedelta | None" = betterproto2.field(
        1, betterproto2.TYPE_MESSAGE, unwrap=lambda: _protobuf__.Duration, optional=True
    )
    """
    The least time to wait before the next attempt.
    """


default_message_pool.register_message("google.rpc", "RetryInfo", RetryInfo)


@dataclass(eq=False, repr=False)
class Status(betterproto2.Message):
    """
    One error as it travels: a code, a sentence and typed details.
    """

    code: "int" = betterproto2.field(1, betterproto2.TYPE_INT32)
    """
    A gRPC status code number.
    """

    message: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    A sentence for developers, in English.
    """

    details: "list[_protobuf__.Any]" = betterproto2.field(3, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Machine-readable details, each type at most once.
    """


default_message_pool.register_message("google.rpc", "Status", Status)


from dome_contracts.google import protobuf as _protobuf__
