"""The wings of the package, and which may ask which: the arrows, the one clock, the few that know Starlette."""

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from replies import ROOT

PACKAGE = ROOT / "mock_sent"
CLIENT = ROOT / "clients" / "python" / "mock_sent_client"

# wing -> the wings that it may import. ARCHITECTURE.md has the same table.
WINGS: dict[str, set[str]] = {
    "ground": set(),
    "settings": {"ground"},
    "wire": {"ground"},
    "contract": {"ground"},
    "scenarios": {"ground", "wire"},
    "journal": {"ground", "scenarios"},
    "world": {"contract", "ground"},
    "webhooks": {"contract", "ground", "journal", "settings", "world"},
    "judging": {"contract", "ground", "journal", "mock_sent_client", "scenarios", "settings"},
    "accounts": {"contract", "ground", "journal", "scenarios", "settings", "webhooks", "world"},
    "api": {
        "accounts", "contract", "ground", "journal", "scenarios", "settings", "webhooks", "wire", "world",
    },
    "control": {
        "accounts", "api", "contract", "ground", "journal", "judging", "scenarios", "settings", "webhooks", "wire",
        "world",
    },
    "app": {
        "accounts", "api", "contract", "control", "ground", "journal", "scenarios", "settings", "webhooks", "wire",
        "world",
    },
    "serving": {"app", "ground", "settings", "wire"},
    "transport": {"app", "ground", "serving", "settings", "wire"},
    "command": {
        "app", "contract", "ground", "judging", "mock_sent_client", "scenarios", "serving", "settings", "wire",
    },
    "__main__": {"command"},
    "mock_sent_client": set(),
}  # fmt: skip

STARLETTE = {"api", "control", "app"}
MOST_ENTRIES = 16
# Folders of tests that are about no single wing.
NO_WINGS = {"client", "costs", "golden", "house", "image", "inbox", "sdk"}
# Only the clock may read the machine's time and chance. `secrets` compares nothing here: hmac does that.
ONLY_THE_CLOCK = {"time", "uuid", "random", "secrets"}
_NOW = {"now", "utcnow", "today", "fromtimestamp"}


def room_of(path: Path) -> str:
    if path.is_relative_to(CLIENT):
        return CLIENT.name
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    """Every module of the two packages."""
    paths = [*sorted(PACKAGE.rglob("*.py")), *sorted(CLIENT.rglob("*.py"))]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths]


def imports(tree: ast.Module) -> set[str]:
    """Everything that is imported anywhere in a module: at its top, in a function, for the type checker alone."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def arrows() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, tree in modules():
        names = [name.split(".") for name in imports(tree)]
        ours = {name[1] for name in names if name[0] == PACKAGE.name and name[1:]}
        ours |= {CLIENT.name for name in names if name[0] == CLIENT.name}
        found.setdefault(room_of(path), set()).update(ours - {room_of(path), "__version__"})
    found.pop("__init__", None)
    return found


def test_every_room_is_in_the_table() -> None:
    """A new wing says first what it may ask."""
    assert arrows().keys() == WINGS.keys()


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_asks_only_whom_it_may(wing: str) -> None:
    """No import goes against the arrows, neither a lazy one nor one for the type checker."""
    assert arrows()[wing] <= WINGS[wing]


def test_the_arrows_have_no_circle() -> None:
    """The table, and so the package, has an order."""
    TopologicalSorter(WINGS).prepare()


def test_who_knows_starlette() -> None:
    """The web framework is known to the wings that face the caller, and to no other."""
    knowing = {room_of(p) for p, t in modules() for name in imports(t) if name.split(".")[0] == "starlette"}

    assert knowing <= STARLETTE


def test_the_client_asks_nothing_of_its_neighbours() -> None:
    """It imports the standard library alone, so that it can be installed beside any application; its plugin, pytest."""
    for path, tree in modules():
        if room_of(path) == CLIENT.name:
            asked = {name.split(".")[0] for name in imports(tree)} - sys.stdlib_module_names - {CLIENT.name}
            assert asked == ({"pytest"} if path.name == "pytest_plugin.py" else set()), path


def test_time_and_chance_come_from_the_clock() -> None:
    """Nothing else imports or asks for the machine's time, ids or randomness, under whatever name."""
    for path, tree in modules():
        if path == PACKAGE / "ground" / "clock.py" or path.is_relative_to(CLIENT):
            continue
        assert not {name.split(".")[0] for name in imports(tree)} & ONLY_THE_CLOCK, path
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in _NOW
                and isinstance(node.value, ast.Name | ast.Attribute)
            ):
                asked = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                assert asked not in ("datetime", "date"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.urandom", "__import__"):
                pytest.fail(f"{path}:{node.lineno}")


def test_the_package_has_few_entries() -> None:
    """At most sixteen wings and modules: who opens the folder sees the house."""
    aside = {"__init__.py", "__main__.py", "__pycache__", "data", "py.typed"}

    assert len({path.name for path in PACKAGE.iterdir()} - aside) <= MOST_ENTRIES


def test_tests_lie_where_their_wing_is() -> None:
    """A folder of tests is named as a wing, or as something that is none; no test lies outside them."""
    tests = ROOT / "tests"
    found = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}

    assert found <= WINGS.keys() | NO_WINGS
    assert {path.name for path in tests.iterdir() if path.is_dir()} - {"__pycache__", "helpers"} <= found


def test_every_class_name_is_used_once() -> None:
    """No two classes of the house have one name: a name means one thing, with or without an underscore before it."""
    known: dict[str, list[str]] = {}
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                known.setdefault(node.name.lstrip("_"), []).append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert {name: places for name, places in known.items() if len(places) > 1} == {}


def test_the_bans_can_see() -> None:
    """The search finds lazy imports and those for the type checker: a test of the test."""
    tree = ast.parse(
        "if TYPE_CHECKING:\n    from mock_sent.app import x\n"
        "def f():\n    import random as r\n    from mock_sent import api\n"
    )

    assert imports(tree) == {"mock_sent.app.x", "random", "mock_sent.api"}


def test_no_module_level_state() -> None:
    """Two mocks in one process must not meet: nothing at the top of a module can change, names in capitals aside."""
    for path, tree in modules():
        for node in tree.body:
            assert not isinstance(node, ast.Global), path
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List | ast.Dict | ast.Set):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    name = ast.unparse(target)
                    assert name.isupper() or name == "__all__", f"{path}:{node.lineno} {name}"
        assert not any(isinstance(node, ast.Global) for node in ast.walk(tree)), path


def test_no_vague_names() -> None:
    """A wing is named by what it keeps or does."""
    vague = {"utils", "helpers", "common", "core", "base", "manager", "misc"}

    assert not {part for path, _ in modules() for part in path.relative_to(ROOT).with_suffix("").parts} & vague


def test_no_long_files() -> None:
    """A file over 300 lines is split by job."""
    assert not {path.name for path, _ in modules() if len(path.read_text("utf-8").splitlines()) > 300}


def test_every_room_says_what_it_is_for() -> None:
    """Each module begins with its job in a sentence."""
    assert not [path for path, tree in modules() if not ast.get_docstring(tree)]


def test_architecture_page_has_the_same_table() -> None:
    """ARCHITECTURE.md shows the arrows as they are."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]*) \|$", text, re.MULTILINE)
    assert {wing: set(re.findall(r"`(\w+)`", asked)) for wing, asked in rows} == WINGS


def test_architecture_page_is_one_page() -> None:
    """It stays short enough to be read."""
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 120
