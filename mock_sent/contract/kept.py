"""JSON that is kept in the place of a shipped YAML file, because a start reads it in a tenth of the time.

`scripts/build_hook.py` writes it into `mock_sent/data/`, of a wheel or of a clone, under the hash of the YAML text: a
file that was changed afterwards has another hash, and is read itself.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data"
# The documents whose JSON is kept, from the top of the repository.
DOCUMENTS = ("openapi.yaml", "mock_sent/control/control.yaml")


def kept_tree(text: bytes, folder: Path = FOLDER) -> Any:
    """The tree of a YAML text, if its JSON is kept; None otherwise."""
    path = folder / name_of(text)
    try:
        content = path.read_bytes()
    except OSError:
        return None
    import orjson

    return orjson.loads(content)


def keep(source: Path, folder: Path = FOLDER) -> Path:
    """Write the JSON of a YAML file of ours into the folder, and return its path."""
    import json

    import yaml

    text = source.read_bytes()
    path = folder / name_of(text)
    folder.mkdir(parents=True, exist_ok=True)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    path.write_text(json.dumps(yaml.load(text, Loader=loader), ensure_ascii=False, separators=(",", ":")), "utf-8")
    return path


def name_of(text: bytes) -> str:
    """The name of the file that keeps a text's JSON."""
    return f"{blake2b(text, digest_size=16).hexdigest()}.json"
