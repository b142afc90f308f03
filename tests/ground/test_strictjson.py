"""The strict reader of JSON: equal to the standard one on what is right, exact about what is wrong."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_sent.ground.strictjson import DEEPEST, Unreadable, loads

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.sampled_from(["a:b", "[{", '"', "\\", "{}:,"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
FEW = settings(max_examples=300, derandomize=True, deadline=None, database=None)


def same(one: Any, other: Any) -> bool:
    """Equal, and of equal types: 1, 1.0 and True are three things."""
    return json.dumps(one) == json.dumps(other)


@FEW
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_equal_to_the_standard_reader(value: Any, ascii: bool, indent: int | None) -> None:
    """Valid JSON, however it is written, reads as the standard library reads it."""
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)

    assert same(loads(text.encode()), json.loads(text))


@FEW
@given(st.binary(max_size=60) | st.text('{}[]",:0123456789.eE+-truefalsn\\u \n', max_size=40).map(str.encode))
def test_never_more_than_the_standard_reader(raw: bytes) -> None:
    """Whatever the bytes: they are refused as `Unreadable`, or both readers agree."""
    try:
        value = loads(raw)
    except Unreadable:
        return
    assert same(value, json.loads(raw.decode()))


@FEW
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), st.data())
def test_doubled_members(members: dict[str, Any], data: st.DataObject) -> None:
    """A member that comes twice is refused, at the offset of its second coming, whatever stands around it."""
    name = data.draw(st.sampled_from(sorted(members)))
    text = json.dumps(members)
    raw = f"{text[:-1]}, {json.dumps(name)}: 0}}"

    with pytest.raises(Unreadable, match="names the member") as caught:
        loads(raw.encode())
    assert str(caught.value).endswith(f"twice, at offset {len(text) + 1}")


@FEW
@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_large_integers(number: int) -> None:
    """An integer of more than 64 bits is refused; one that fits is exact."""
    with pytest.raises(Unreadable, match="more than 64 bits, at offset 1"):
        loads(f"[{number}]".encode())


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**53 + 1, 0])
def test_integers_that_fit(number: int) -> None:
    """64 bits are kept to the last one."""
    assert same(loads(str(number).encode()), number)


@pytest.mark.parametrize(("text", "value"), [("-0.0", -0.0), ("1E5", 1e5), ("1e-400", 0.0), ("5e-324", 5e-324)])
def test_floats(text: str, value: float) -> None:
    """Floats read as Python's, the smallest ones too."""
    read = loads(text.encode())

    assert read == value
    assert math.copysign(1, read) == math.copysign(1, value)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth(opening: str) -> None:
    """The limit of depth is exact, and brackets inside a text do not count."""
    closing = "]" if opening == "[" else "}"

    loads((opening * DEEPEST + "1" + closing * DEEPEST).encode())
    with pytest.raises(Unreadable, match="nested more than 64 levels deep"):
        loads((opening * (DEEPEST + 1) + "1" + closing * (DEEPEST + 1)).encode())
    assert loads(json.dumps(["[{" * 100]).encode()) == ["[{" * 100]
    assert loads(json.dumps([[]] * 500).encode()) == [[]] * 500


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        (rb'["\ud83d\ude00"]', None),
        (rb'["\\ud800"]', None),
        (rb'["\\\ud800"]', 4),
        (rb'["\ud83d\ud83d\ude00"]', 2),
        (rb'["\ude00\ud83d"]', 2),
        (rb'["\uD800x"]', 2),
    ],
)
def test_surrogates(raw: bytes, offset: int | None) -> None:
    """A whole pair is a character; half of one is refused where it stands."""
    if offset is None:
        assert loads(raw) == json.loads(raw)
    else:
        with pytest.raises(Unreadable, match=f"half of a surrogate pair, at offset {offset}"):
            loads(raw)


@pytest.mark.parametrize(
    ("raw", "ending"),
    [
        (b'{"a":{"b":1,"c":2,"b":3}}', 'names the member "b" twice, at offset 18'),
        (b'[{"a":1},{"a":1}]', None),
        (b'{"a":{"a":{"a":1}}}', None),
        (b'{"a":"a:a","b":":"}', None),
        (b'{"\\u0061":1,"a":2}', 'names the member "a" twice, at offset 12'),
        (b'{"":1,"":2}', 'names the member "" twice, at offset 6'),
        ('{"é":1,"é":2}'.encode(), 'names the member "\\u00e9" twice, at offset 7'),
        (b'["a" : 1]', "is not JSON: expecting ',' delimiter, at offset 5"),
    ],
)
def test_members(raw: bytes, ending: str | None) -> None:
    """Names must differ within one object only."""
    if ending is None:
        assert loads(raw) == json.loads(raw)
    else:
        with pytest.raises(Unreadable) as caught:
            loads(raw)
        assert str(caught.value) == ending
