"""The words of patterns. For each word: how it is compared with the facts, and which values a scenario may write."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_sent.ground.errors import Misuse
from mock_sent.scenarios.comparison import Comparison
from mock_sent.scenarios.globs import compile_glob

# The channels of a send that names none: the API chooses the channel.
DEFAULT_CHANNELS = ("sent",)
_LENGTH, _MOST_SHOWN = 80, 3
_STATES = ("present", "absent", "fresh", "seen")


class Facts(NamedTuple):
    """What a pattern is compared with: a send, a message, or a request.

    `words` has the texts of each word of the kind; a word that is missing has no texts. Header names are in lower case.
    `headers` is None for a message whose request is no longer known.
    """

    words: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] | None = MappingProxyType({})
    key: str | None = None
    key_seen: bool = False
    recipients: int = 1
    sandbox: bool = False


class Kind(NamedTuple):
    """The words that a pattern may use for one kind of facts: `texts` take texts, `others` take other values."""

    texts: Sequence[str]
    others: Sequence[str] = ("header", "recipients", "sandbox", "idempotency_key")

    @property
    def words(self) -> Sequence[str]:
        return (*self.texts, *self.others, "not", "any")


SEND = Kind(("to", "channel", "template"))
# For a `deliver` rule: one recipient on one channel, before the message exists.
LEG = Kind(("to", "channel", "template"), ())
MESSAGE = Kind(("id", "to", "channel", "template", "text", "status", "profile", "request_id"))
REQUEST = Kind(
    ("to", "channel", "template", "status", "profile", "request_id", "method", "path", "outcome", "rule", "key_fate")
)

# Writes what differs, such as `channel: whatsapp, wanted sms`. It gets the facts in which the difference was found.
Sentence = Callable[[Facts], str]
Difference = Callable[[Facts], Sentence | None]


class Word(NamedTuple):
    """How a word is compiled with its value, and the JSON Schema of its values."""

    compiled: Callable[[str, Any], Difference]
    schema: Mapping[str, Any]


def difference_of(word: str, value: Any) -> Difference:
    """The difference of one word with its value. Raises `Misuse` for an invalid value."""
    return WORDS[word].compiled(word, value) if word in WORDS else _text(word, value)


def schema_of(kind: Kind, name: str) -> dict[str, Any]:
    """The schema properties of a `when` of that kind. `name` is the name of that `when` in the schema's `$defs`."""
    itself = {"$ref": f"#/$defs/{name}"}
    inner = {"not": itself, "any": {"type": "array", "minItems": 1, "items": itself}}
    return {word: inner[word] if word in inner else dict(WORDS[word].schema) for word in kind.words}


def first_of(differences: Sequence[Difference]) -> Difference:
    """The first difference of several. The later ones are not evaluated."""
    if len(differences) == 1:
        return differences[0]
    if len(differences) == 2:
        first, second = differences
        return lambda facts: first(facts) or second(facts)

    def difference(facts: Facts) -> Sentence | None:
        for each in differences:
            sentence = each(facts)
            if sentence is not None:
                return sentence
        return None

    return difference


def _text(word: str, value: Any) -> Difference:
    texts = texts_of(word, value)
    glob, wanted = compile_glob(texts), _shown(texts)

    def sentence(facts: Facts) -> str:
        return f"{word}: {_shown(facts.words.get(word, ()))}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        for text in facts.words.get(word, ()):
            if glob(text):
                return None
        return sentence

    return difference


def _header(word: str, value: Any) -> Difference:
    if not isinstance(value, dict):
        raise Misuse("header must be an object of names and patterns")
    return first_of([_one_header(str(name).lower(), texts_of(word, texts)) for name, texts in value.items()])


def _one_header(name: str, texts: Sequence[str]) -> Difference:
    glob, wanted = compile_glob(texts), _shown(texts)

    def sentence(facts: Facts) -> str:
        has = (facts.headers or {}).get(name)
        return f"header {name}: {'absent' if has is None else _cut(has)}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        has = facts.headers.get(name) if facts.headers else None
        return None if has is not None and glob(has) else sentence

    return difference


def _recipients(word: str, value: Any) -> Difference:
    wanted = Comparison(word, value)

    def sentence(facts: Facts) -> str:
        return f"{word}: {facts.recipients}, wanted {wanted.text}"

    return lambda facts: None if wanted.fits(facts.recipients) else sentence


def _sandbox(word: str, value: Any) -> Difference:
    if not isinstance(value, bool):
        raise Misuse("sandbox must be true or false")

    def sentence(_: Facts) -> str:
        return f"sandbox: wanted {str(value).lower()}"

    return lambda facts: None if facts.sandbox is value else sentence


def _idempotency_key(word: str, value: Any) -> Difference:
    """One of the four states, or the key itself, which only verify and search may ask for."""
    texts = texts_of(word, value)
    present, absent, fresh, seen = (state in texts for state in _STATES)
    glob, wanted = compile_glob([text for text in texts if text not in _STATES]), _shown(texts)

    def sentence(facts: Facts) -> str:
        return f"idempotency_key: {_cut(facts.key) if facts.key else 'absent'}, wanted {wanted}"

    def difference(facts: Facts) -> Sentence | None:
        key = facts.key
        if key is None:
            return None if absent else sentence
        return None if present or (seen if facts.key_seen else fresh) or glob(key) else sentence

    return difference


def texts_of(word: str, value: Any) -> list[str]:
    """The texts of one text or a list of them; a whole number is a text. Raises `Misuse` for anything else."""
    each = value if isinstance(value, list) else [value]
    texts = [str(text) if isinstance(text, int) and not isinstance(text, bool) else text for text in each]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Misuse(f"{word} must be a text or a list of texts; * stands for anything")
    return texts


def _shown(texts: Sequence[str]) -> str:
    if not texts:
        return "none"
    shown = " or ".join(texts[:_MOST_SHOWN])
    if len(shown) > _LENGTH:
        shown = " or ".join([_cut(text) for text in texts[:_MOST_SHOWN]])
    return shown if len(texts) <= _MOST_SHOWN else f"{shown} ..."


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else text[: _LENGTH - 3] + "..."


def _one_or_more(name: str, **more: Any) -> dict[str, Any]:
    """The schema of one value or a list of values. `name` is the name of the value's schema in `$defs`."""
    one = {"$ref": f"#/$defs/{name}"}
    return {"if": {"type": "array"}, "then": {"minItems": 1, "maxItems": 1000, "items": one}, "else": one, **more}


# The words of scenarios. Verify and search have further words, which all take texts.
WORDS: Mapping[str, Word] = {
    "to": Word(
        _text,
        _one_or_more(
            "number",
            description='The recipient in E.164, * is the wildcard: "+44*", "*99". '
            "A send to several matches if one of them does.",
        ),
    ),
    "channel": Word(
        _text,
        _one_or_more("glob", description="A channel as requested: sms, whatsapp, rcs; sent where the API chooses."),
    ),
    "template": Word(_text, _one_or_more("glob", description="The template's id or name.")),
    "header": Word(
        _header,
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": _one_or_more("glob"),
            "description": "Request headers by name; * means present.",
        },
    ),
    "recipients": Word(
        _recipients,
        {
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": r"^(=|>|<|>=|<=)?[0-9]{1,9}$(?!\n)",
            "x-hint": 'is not a count; write 3, ">10" or "<=5"',
        },
    ),
    "sandbox": Word(_sandbox, {"type": "boolean"}),
    "idempotency_key": Word(_idempotency_key, {"enum": list(_STATES)}),
}
