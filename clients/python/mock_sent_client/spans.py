"""Spans of time as tests write them, in the form in which the control plane takes them."""

from datetime import timedelta
from math import ceil, isfinite

from mock_sent_client.errors import HandleError, escaped

# A text, a number of seconds, or a timedelta.
AnySpan = str | float | timedelta

# The control plane takes twelve digits.
_MOST = 10**12
_WANTED = 'give a number of seconds, a timedelta, or a text such as "900ms", "2s" or "1h30m"'


def span_text(span: AnySpan) -> str:
    """A span as a text such as "900ms". Raises `HandleError` for what is none; the server judges texts."""
    if isinstance(span, str):
        return span
    if isinstance(span, bool) or not isinstance(span, int | float | timedelta):
        raise HandleError(f"{_shown(span)} is not a span of time; {_WANTED}")
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if not isfinite(seconds) or not 0 <= seconds * 1000 < _MOST:
        raise HandleError(f"{_shown(span)} is not a span from 0 to 31 years; {_WANTED}")
    return f"{ceil(round(seconds * 1000, 6))}ms"


def _shown(span: object) -> str:
    return escaped(repr(span), 100)
