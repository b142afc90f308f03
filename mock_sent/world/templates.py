"""Templates: finds them by id or name, and renders their text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from weakref import ref

from mock_sent.ground.clock import Clock, uuid_for
from mock_sent.ground.errors import Misuse
from mock_sent.ground.memory import ByteCount, size_of

# The vendor stores `{{0:variable}}`, where the number is a variable's place; users may also write `{{name}}`.
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_PLACE = re.compile(r"([0-9]{1,6}):variable", re.ASCII)

# The most characters of a rendered text. A body can name a variable two thousand times, and a value can be as long as a
# request, so without a limit one send could fill the machine's memory. Headers and footers are short.
LONGEST = 1024 * 1024
_LONGEST_PART = 1_000

# The most templates of an account.
MOST = 5_000


class _Text(NamedTuple):
    """A text, cut before and after each of its placeholders. `names` are the names in these."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    def render(self, parameters: Mapping[str, str], most: int) -> str:
        """The text with the values in its placeholders, cut at `most`. A placeholder without a value stays."""
        pieces = list(self.pieces)
        for i, name in enumerate(self.names):
            value = parameters.get(name)
            if value is not None:
                pieces[2 * i + 1] = value
        return "".join(pieces if sum(map(len, pieces)) <= most else _cut(pieces, most))

    @property
    def unfillable(self) -> str:
        """The beginning of what looks like a placeholder, but has no name: `{{}}`, `{{name`; empty if there is none."""
        for piece in self.pieces[::2]:
            _, braces, rest = piece.partition("{{")
            if braces:
                inner, end, _ = rest.partition("}}")
                return f"{{{{{inner[:20]}{end}"
        return ""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Template:
    """A stored text. `variables` are the names for which a send gives values.

    `wanted` are the variables and the names of all placeholders. `around` are its header and footer, if they have
    placeholders. `media` are the URLs of the pictures in its body for mms, and `subject` is that body's. `unfillable`
    is the beginning of the first text that looks like a placeholder and that no value can fill, or empty. `size` are
    the bytes of one that a single send has; one of the account has none of a send's.
    """

    id: str
    name: str
    body: str
    category: str
    header: str | None = None
    footer: str | None = None
    variables: tuple[str, ...] = ()
    is_approved: bool = True
    media: tuple[str, ...] = ()
    subject: str | None = None
    size: int = 0
    wanted: Mapping[str, None] = field(init=False, repr=False, compare=False)
    unfillable: str = field(init=False, repr=False, compare=False)
    _body: _Text = field(init=False, repr=False, compare=False)
    around: Mapping[str, _Text] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        body, around = self._read(self.body), dict[str, _Text]()
        for part, text in (("header", self.header), ("footer", self.footer)):
            if text and "{{" in text:
                around[part] = self._read(text)
        texts = (body, *around.values())
        names = [name for text in texts for name in text.names]
        object.__setattr__(self, "_body", body)
        object.__setattr__(self, "around", around)
        object.__setattr__(self, "wanted", dict.fromkeys((*self.variables, *names)))
        object.__setattr__(self, "unfillable", next(filter(None, (text.unfillable for text in texts)), ""))

    def _read(self, text: str) -> _Text:
        pieces: list[str] = []
        names, at = [], 0
        for found in _placeholders(self.variables).finditer(text):
            if name := self._name(found[1]):
                pieces += text[at : found.start()], found[0]
                names.append(name)
                at = found.end()
        return _Text((*pieces, text[at:]), tuple(names))

    def _name(self, inner: str) -> str:
        """The name that a placeholder stands for: that of the variable at its place, or its own; empty for none."""
        place = _PLACE.fullmatch(inner.strip())
        if place and int(place[1]) < len(self.variables):
            return self.variables[int(place[1])]
        if inner in self.variables:
            return inner
        return place[1] if place else inner.strip()

    def render(self, parameters: Mapping[str, str]) -> str:
        """The body with the values in its placeholders, cut at `LONGEST`. A placeholder without a value stays."""
        return self._body.render(parameters, LONGEST) if self._body.names else self.body

    def filled(self, parameters: Mapping[str, str]) -> "Template":
        """The template with the values in its header and footer."""
        around = {part: text.render(parameters, _LONGEST_PART) for part, text in self.around.items()}
        filled = replace(self, header=around.get("header", self.header), footer=around.get("footer", self.footer))
        return replace(filled, size=size_of(filled))

    def missing(self, parameters: Mapping[str, str]) -> list[str]:
        """The names that want a value and get none."""
        return [name for name in self.wanted if name not in parameters]


def _placeholders(variables: Iterable[str]) -> re.Pattern[str]:
    """The pattern of placeholders. A name with braces is one only if it is declared."""
    odd = sorted((name for name in variables if "{" in name or "}" in name), key=len, reverse=True)
    if not odd:
        return _PLACEHOLDER
    return re.compile(rf"\{{\{{({'|'.join(map(re.escape, odd))}|[^{{}}]*)\}}\}}")


def _cut(pieces: Iterable[str], room: int) -> Iterator[str]:
    for piece in pieces:
        yield piece[:room]
        room -= min(room, len(piece))


class Templates:
    """The templates of one account. `kept` has them by id, and is changed in place.

    `byte_count` counts what was added to those of the fixtures, which all accounts share. A template that was replaced
    lives as long as a message refers to it, and counts for `of_messages` until then.
    """

    def __init__(
        self,
        kept: dict[str, Template],
        of_fixtures: Sequence[Template],
        byte_count: ByteCount | None = None,
        of_messages: ByteCount | None = None,
    ) -> None:
        self._by_id = kept
        self._by_name = {template.name: template for template in kept.values()}
        self._byte_count, self._of_messages = byte_count or ByteCount(), of_messages or ByteCount()
        # The bytes of templates that were added, by id, and of those that were replaced, by the identity of the object.
        shared = set(map(id, of_fixtures))
        self._sizes = {each.id: size_of(each) for each in kept.values() if id(each) not in shared}
        self._byte_count.add(sum(self._sizes.values()))
        self._replaced: dict[int, tuple[ref[Template], int]] = {}

    def put(self, templates: Sequence[Template]) -> None:
        """Add templates. Each replaces those with the same id or the same name. Raises `Misuse` if there is no room."""
        new = {template.id for template in templates} - self._by_id.keys()
        if len(self._by_id) + len(new) > MOST:
            raise Misuse(f"the mock keeps {MOST:,} templates for each account, not {len(self._by_id) + len(new):,}")
        sizes = [size_of(template) for template in templates]
        self._byte_count.demand_room(sum(sizes))
        for template, size in zip(templates, sizes, strict=True):
            self._put(template, size)

    def _put(self, template: Template, size: int) -> None:
        if template == self._by_id.get(template.id):
            return
        for old in (self._by_id.get(template.id), self._by_name.get(template.name)):
            if old:
                self._by_id.pop(old.id, None)
                self._by_name.pop(old.name, None)
                self._retire(old)
        self._by_id[template.id] = self._by_name[template.name] = template
        self._sizes[template.id] = size
        self._byte_count.add(size)

    def _retire(self, old: Template) -> None:
        size, at = self._sizes.pop(old.id, 0), id(old)
        if size:
            self._byte_count.add(-size)
            self._of_messages.add(size)
            self._replaced[at] = ref(old, lambda _: self._of_messages.add(-self._replaced.pop(at)[1])), size

    def find(self, id: str | None, name: str | None) -> Template | None:
        """The template with the id if one is given, else the one with the name (SEND-7); None if there is none."""
        if id is not None:
            return self._by_id.get(id.lower())
        return self._by_name.get(name) if name is not None else None

    def all(self) -> Sequence[Template]:
        return tuple(self._by_id.values())


def invent(id: str | None, name: str | None, parameters: Mapping[str, str], clock: Clock, category: str) -> Template:
    """A made-up template for an unknown id or name. Faker writes its text, which names the given parameters.

    It depends only on the seed and the arguments, so the same send has the same text on every machine.
    """
    from faker import Faker  # imported late: it is slow, and most servers never need it

    fake = Faker("en_US")
    fake.seed_instance(int(clock.draw("invented template", id, name) * 2**53))
    variables = tuple(parameters)
    # By its place, because a name may have braces.
    values = (f"{fake.word().capitalize()}: {{{{{i}:variable}}}}." for i in range(len(variables)))
    words = [fake.sentence(nb_words=8), *values]
    made = Template(
        id=(id or uuid_for("template", name or "")).lower(),
        name=f"template_{id}" if name is None else name,
        body=" ".join(words),
        category=category,
        variables=variables,
    )
    return replace(made, size=size_of(made))
