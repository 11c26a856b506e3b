# @generated from ci/gen/support/tool.sh. Do not edit: change the source, then run `just gen`.
# What a tool written in shell says to the daemon that runs it. For any POSIX shell; needs awk and nothing of Dome.
#
#     . "$DOME_TOOL_SH"
#     dome_progress "checking links" 3 10 files
#     dome_artifact links.txt build/links.txt text/plain
#     dome_result '{"broken": 0}'
#     [ -s build/broken ] && dome_fail TOOL.FAILED "some links are broken"
#
# The protocol is that of `dome_contracts.tool`. The input is one JSON document on standard input. Without the variable
# DOME_CHANNEL_FD, as when a person runs the tool, the result is printed and everything else is dropped.

# dome_progress MESSAGE [DONE [TOTAL [UNIT]]]: how far the work is. Leave a count out, or empty, where there is none.
dome_progress() {
    _dome_say "{\"type\":\"progress\",\"message\":$(_dome_text "${1-}")${2:+,\"done\":$2}${3:+,\"total\":$3},\"unit\":$(
        _dome_text "${4-}"
    )}"
}

# dome_artifact NAME PATH [MEDIA_TYPE]: a file to keep. It is read after the tool has ended, so leave it where it is.
dome_artifact() {
    case "$2" in
        /*) _dome_path=$2 ;;
        *) _dome_path=$(pwd -P)/$2 ;;
    esac
    _dome_say "{\"type\":\"artifact\",\"name\":$(_dome_text "$1"),\"path\":$(_dome_text "$_dome_path"),\"media_type\":$(
        _dome_text "${3:-application/octet-stream}"
    )}"
}

# dome_result JSON: the result, on one line, once. It must fit the tool's output schema.
dome_result() {
    if [ -n "${DOME_CHANNEL_FD-}" ]; then
        _dome_say "{\"type\":\"result\",\"value\":$1}"
    else
        printf '%s\n' "$1"
    fi
}

# dome_fail REASON MESSAGE: end the tool as failed, for a reason of the catalogue.
dome_fail() {
    _dome_say "{\"type\":\"failure\",\"reason\":$(_dome_text "$1"),\"message\":$(_dome_text "${2-}")}"
    printf '%s: %s\n' "$1" "${2-}" >&2
    exit 1
}

# By the name of the descriptor, because some shells know no number above 9; and for reading too, because to open it for
# writing alone would wait where the daemon is gone.
_dome_say() {
    [ -z "${DOME_CHANNEL_FD-}" ] || printf '%s\n' "$1" 1<>"/dev/fd/$DOME_CHANNEL_FD"
}

# A text as JSON. The full stop keeps newlines at its end from being lost.
_dome_text() {
    printf '%s.' "$1" | LC_ALL=C awk '
        BEGIN {
            for (code = 1; code < 32; code++) escape[sprintf("%c", code)] = sprintf("\\u%04x", code)
            escape["\""] = "\\\""
            escape["\\"] = "\\\\"
        }
        {
            if (NR > 1) text = text "\\n"
            for (at = 1; at <= length($0); at++) {
                letter = substr($0, at, 1)
                text = text (letter in escape ? escape[letter] : letter)
            }
        }
        END { printf "\"%s\"", substr(text, 1, length(text) - 1) }'
}
