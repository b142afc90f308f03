"""Templates: finds them by id or name, and renders their text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mock_sent.ground.clock import Clock, uuid_for

# The vendor stores `{{0:variable}}`, where the number is a variable's id; users may also write `{{name}}`.
_PLACEHOLDER = re.compile(r"\{\{\s*(?:([0-9]{1,3}):variable|([A-Za-z0-9_]+))\s*\}\}", re.ASCII)

# The most characters of a rendered text. A body can name a variable two thousand times, and a value can be as long as a
# request, so without a limit one send could fill the machine's memory.
LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Template:
    """A stored text. `variables` are the names for which a send gives values."""

    id: str
    name: str
    body: str
    category: str
    header: str | None = None
    footer: str | None = None
    variables: tuple[str, ...] = ()
    _pieces: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _wanted: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pieces, names, at = [], [], 0
        for found in _PLACEHOLDER.finditer(self.body):
            pieces.append(self.body[at : found.start()])
            pieces.append(found[0])
            names.append(self._name(found))
            at = found.end()
        object.__setattr__(self, "_pieces", (*pieces, self.body[at:]))
        object.__setattr__(self, "_names", tuple(names))
        object.__setattr__(self, "_wanted", tuple(dict.fromkeys((*self.variables, *names))))

    def _name(self, found: re.Match[str]) -> str:
        if found[1] is None:
            return found[2]
        index = int(found[1])
        return self.variables[index] if index < len(self.variables) else found[1]

    def render(self, parameters: Mapping[str, str]) -> str:
        """The text with the values in its placeholders, cut at `LONGEST`. A placeholder without a value stays."""
        if not self._names:
            return self.body
        pieces = list(self._pieces)
        for i, name in enumerate(self._names):
            value = parameters.get(name)
            if value is not None:
                pieces[2 * i + 1] = value
        return "".join(pieces if sum(map(len, pieces)) <= LONGEST else _cut(pieces))

    def missing(self, parameters: Mapping[str, str]) -> list[str]:
        """The variables without a value."""
        return [name for name in self._wanted if name not in parameters]


def _cut(pieces: Iterable[str]) -> Iterator[str]:
    room = LONGEST
    for piece in pieces:
        yield piece[:room]
        room -= min(room, len(piece))


class Templates:
    """The templates of one account. `kept` has them by id, and is changed in place."""

    def __init__(self, kept: dict[str, Template]) -> None:
        self._by_id = kept
        self._by_name = {template.name: template for template in kept.values()}

    def put(self, template: Template) -> None:
        """Add a template. It replaces templates with the same id or the same name."""
        for old in (self._by_id.get(template.id), self._by_name.get(template.name)):
            if old:
                self._by_id.pop(old.id, None)
                self._by_name.pop(old.name, None)
        self._by_id[template.id] = self._by_name[template.name] = template

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
    words = [fake.sentence(nb_words=8), *(f"{fake.word().capitalize()}: {{{{{v}}}}}." for v in variables)]
    return Template(
        id=(id or uuid_for("template", name or "")).lower(),
        name=f"template_{id}" if name is None else name,
        body=" ".join(words),
        category=category,
        variables=variables,
    )
