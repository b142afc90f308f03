"""Projections: functions that make the data of a reply from the values of a handler.

A handler returns the same internal values (instants, amounts, names of stages) for every edition. The schema of the
response selects the shown values, their names and their formats. A schema is compiled once into a Python function,
because interpreting it for a thousand recipients would take a millisecond.

If a value is absent or None, its member has the schema's `default`, else null if the schema allows null. Without both,
an optional member is left out, and a required one raises `MissingValue`. A `const` is shown as it is. `x-from` is the
name of the value if it is not the member's name, `x-as` its format.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_sent.contract.formats import Format
from mock_sent.contract.schemas import Schemas
from mock_sent.ground.errors import Steps

Projection = Callable[[Any], Any]


class MissingValue(Exception):
    """A handler did not return a value that the schema requires. This is a bug in the mock."""


def projection_of(schemas: Schemas, schema: dict[str, Any], formats: Mapping[str, Format], at: Steps) -> Projection:
    """The function of a schema. Raises `FileError` for an unknown format."""
    return _Writer(schemas, formats).function_of(schema, at)


def needed_values(schemas: Schemas, schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the values without which an object of the schema cannot be shown."""
    members = {name: schemas.target(schema["properties"].get(name, {})) for name in schema.get("required", ())}
    return frozenset(member.get("x-from", name) for name, member in members.items() if _is_demanded(member))


class _Writer:
    """Writes the functions of a schema and of the schemas that it refers to."""

    def __init__(self, schemas: Schemas, formats: Mapping[str, Format]) -> None:
        self._schemas, self._formats = schemas, formats
        self._names: dict[str, Any] = {"lacking": _lacking}
        self._functions: dict[int, str] = {}
        self._texts: list[str] = []
        self._kept: list[Any] = []  # keeps the schemas alive, so that no other object gets the id of one

    def function_of(self, schema: dict[str, Any], at: Steps) -> Projection:
        name = self._function(schema, at)
        exec(compile("\n".join(self._texts), "<projection>", "exec"), self._names)
        found: Projection = self._names[name]
        return found

    def _function(self, schema: Any, at: Steps) -> str:
        """The name of the function for a schema; it is written if it does not exist."""
        target = self._schemas.target(schema)
        key = id(self._schemas.document.follow(schema))
        if key in self._functions:
            return self._functions[key]
        name = self._functions[key] = f"project_{len(self._functions)}"
        self._kept.append(target)
        if "properties" in target:
            lines = list(self._of_object(target, at))
        else:
            lines = [f"    return {self._expression(target, 'v', at)}"]
        self._texts += [f"def {name}(v):", *lines]
        return name

    def _of_object(self, schema: dict[str, Any], at: Steps) -> Iterator[str]:
        required = set(schema.get("required", ()))
        members = [(n, self._schemas.target(p), (*at, "properties", n)) for n, p in schema["properties"].items()]
        always = [(n, p, place) for n, p, place in members if n in required or "const" in p or "default" in p]
        shown = ", ".join(f"{n!r}: {self._member(n, p, place)}" for n, p, place in always)
        yield f"    shown = {{{shown}}}"
        for name, member, place in members:
            if name in required or "const" in member or "default" in member:
                continue
            yield f"    m = v.get({member.get('x-from', name)!r})"
            yield "    if m is not None:"
            yield f"        shown[{name!r}] = {self._expression(member, 'm', place)}"
        demanded = [n for n, p, _ in always if _is_demanded(p)]
        if demanded:
            yield f"    if None in ({', '.join(f'shown[{n!r}]' for n in demanded)},): lacking({demanded!r}, shown)"
        yield "    return shown"

    def _member(self, name: str, member: dict[str, Any], at: Steps) -> str:
        """The expression of a member that is always shown."""
        if "const" in member:
            return repr(member["const"])
        source = member.get("x-from", name)
        if "default" in member:
            default = repr(member["default"])
            return self._expression(member, f"({default} if (n := v.get({source!r})) is None else n)", at)
        if _is_nullable(member):
            return self._expression(member, f"v.get({source!r})", at)
        return self._expression(member, f"v[{source!r}]", at)

    def _expression(self, schema: dict[str, Any], source: str, at: Steps) -> str:
        """The expression of the shown value, where `source` is the expression of the handler's value."""
        if schema.get("type") == "null":
            return "None"
        if form := _form(schema):
            return self._applied(self._format(form, at), schema, source)
        if "properties" in schema:
            return self._applied(self._function(schema, at), schema, source)
        items = self._schemas.target(schema.get("items"))
        if isinstance(items, dict) and _has_shape(items):
            each = self._item(schema["items"], items, (*at, "items"))
            if self._is_plain(items):
                return self._as_they_are(schema, items, source, each)
            return self._guarded(schema, source, lambda value: f"[{each} for v in {value}]")
        return source

    def _is_plain(self, schema: dict[str, Any]) -> bool:
        """Whether an object with exactly the members of the schema is shown unchanged."""
        members = [self._schemas.target(member) for member in schema.get("properties", {}).values()]
        written = ("const", "default", "x-from")
        plain = not any(_has_shape(member) or any(word in member for word in written) for member in members)
        return bool(members) and plain and set(schema["properties"]) == set(schema.get("required", ()))

    def _as_they_are(self, schema: dict[str, Any], items: dict[str, Any], source: str, each: str) -> str:
        """The handler's own list, if its objects have exactly the schema's members in their order; else a new list.

        All objects of a list have the same members, so it is enough to check the first one.
        """
        names = f"names_{len(self._names)}"
        self._names[names] = tuple(items["properties"])
        fits = f"(not (r := {{}}) or (*r[0],) == {names})"
        return self._guarded(schema, source, lambda value: f"(r if {fits.format(value)} else [{each} for v in r])")

    def _item(self, schema: Any, target: dict[str, Any], at: Steps) -> str:
        """The expression of a list's item `v`. A flat object is written inline, which saves a call for each item."""
        members = target.get("properties", {})
        flat = {n: self._schemas.target(p) for n, p in members.items()}
        required = set(target.get("required", ()))
        if members and all(n in required and self._is_flat(p) for n, p in flat.items()):
            places = ((n, p, (*at, "properties", n)) for n, p in flat.items())
            return f"{{{', '.join(f'{n!r}: {self._member(n, p, place)}' for n, p, place in places)}}}"
        if form := _form(target):
            return f"{self._format(form, at)}(v)"
        return f"{self._function(schema, at)}(v)"

    def _is_flat(self, schema: dict[str, Any]) -> bool:
        """Whether no object is inside, so that a schema that contains itself is not written for ever."""
        return "properties" not in schema and "properties" not in (self._schemas.target(schema.get("items")) or {})

    def _applied(self, function: str, schema: dict[str, Any], source: str) -> str:
        return self._guarded(schema, source, lambda value: f"{function}({value})")

    def _guarded(self, schema: dict[str, Any], source: str, use: Callable[[str], str]) -> str:
        if _is_nullable(schema):
            return f"(None if (n := {source}) is None else {use('n')})"
        return use(source)

    def _format(self, name: str, at: Steps) -> str:
        if name not in self._formats:
            known = ", ".join(self._formats)
            raise self._schemas.document.fault((*at, "x-as"), f"there is no format {name!r}; there are {known}")
        self._names[f"as_{name}"] = self._formats[name]
        return f"as_{name}"


def _form(schema: dict[str, Any]) -> str:
    """The format of a schema's values: that of `x-as`; without one, a time is a timestamp with seven decimals."""
    return str(schema.get("x-as") or ("timestamp" if schema.get("format") == "date-time" else ""))


def _has_shape(schema: dict[str, Any]) -> bool:
    return "properties" in schema or "items" in schema or bool(_form(schema))


def _is_demanded(schema: dict[str, Any]) -> bool:
    """Whether a required member of the schema needs a value."""
    return not ("const" in schema or "default" in schema or _is_nullable(schema))


def _is_nullable(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind) or None in schema.get("enum", ()):
        return True
    return any(isinstance(each, dict) and _is_nullable(each) for each in schema.get("anyOf", schema.get("oneOf", ())))


def _lacking(demanded: list[str], shown: Mapping[str, Any]) -> None:
    raise MissingValue(f"the reply lacks {', '.join(name for name in demanded if shown[name] is None)}")
