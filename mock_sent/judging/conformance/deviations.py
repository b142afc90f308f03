"""The statements from which a mock differs by design: its settings make it so, and it says so in `/_mock/ready`."""

from collections.abc import Callable, Mapping, Sequence

from mock_sent.settings import Settings

# Stands for every statement.
ALL = "*"

_USUAL = Settings()
# When a setting deviates, the statements, and the reason.
_DEVIATIONS: Sequence[tuple[Callable[[Settings], bool], Sequence[str], str]] = (
    (
        lambda settings: settings.auth == "optional",
        ("AUTH-1", "AUTH-5", "AUTH-9", "SAND-5"),
        "MOCK_SENT_AUTH=optional lets a request without a key in (AUTH-3); `required` refuses it",
    ),
    (
        lambda settings: not settings.api_keys,
        ("AUTH-2", "ERR-3"),
        "MOCK_SENT_API_KEYS is empty, so that any text is a key (AUTH-4); with a list, others are refused",
    ),
    (
        lambda settings: settings.auth_errors == "envelope",
        ("ERR-3",),
        "MOCK_SENT_AUTH_ERRORS=envelope gives 401 and 403 a body",
    ),
    (
        lambda settings: settings.auth_errors == "empty",
        ("ERR-3", "AUTH-1", "AUTH-2"),
        "MOCK_SENT_AUTH_ERRORS=empty leaves the bodies of 401 and 403 out",
    ),
    (
        lambda settings: settings.unknown_templates == "accept",
        ("SEND-10", "IDEM-7"),
        "MOCK_SENT_UNKNOWN_TEMPLATES=accept makes up a template instead of refusing it",
    ),
    (
        lambda settings: settings.max_body != _USUAL.max_body,
        ("ERR-6", "SEND-12"),
        "MOCK_SENT_MAX_BODY is another than the usual one",
    ),
    (
        lambda settings: settings.mode == "examples",
        (ALL,),
        "MOCK_SENT_MODE=examples gives documented examples and keeps nothing",
    ),
    (
        lambda settings: bool(settings.scenario or settings.scenario_inline),
        (ALL,),
        "MOCK_SENT_SCENARIO, or MOCK_SENT_SCENARIO_INLINE, answers sends by its rules",
    ),
)


def deviations_of(settings: Settings) -> Mapping[str, str]:
    """The reason for each statement from which a mock with these settings differs; `*` stands for every statement."""
    found: dict[str, str] = {}
    for deviates, ids, reason in _DEVIATIONS:
        if deviates(settings):
            found |= {id: reason for id in ids if id not in found}
    return found
