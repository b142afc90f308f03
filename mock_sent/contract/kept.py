"""Prepared JSON of the shipped YAML files. A start reads it ten times faster than the YAML.

`scripts/build_hook.py` writes it into `mock_sent/data/` of a wheel or a clone. The file's name is the hash of the YAML
text. If the YAML was changed afterwards, its hash is different, so the YAML itself is read.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data"
# The documents whose JSON is prepared, as paths from the top of the repository.
DOCUMENTS = ("openapi.yaml", "editions/2026-10/openapi.yaml", "mock_sent/control/control.yaml")


def kept_tree(text: bytes, folder: Path = FOLDER) -> Any:
    """The tree of a YAML text if its JSON was prepared, else None."""
    path = folder / name_of(text)
    try:
        content = path.read_bytes()
    except OSError:
        return None
    import orjson

    return orjson.loads(content)


def keep(source: Path, folder: Path = FOLDER) -> Path:
    """Write the JSON of a shipped YAML file into the folder, and return its path."""
    import json

    import yaml

    text = source.read_bytes()
    path = folder / name_of(text)
    folder.mkdir(parents=True, exist_ok=True)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    path.write_text(json.dumps(yaml.load(text, Loader=loader), ensure_ascii=False, separators=(",", ":")), "utf-8")
    return path


def name_of(text: bytes) -> str:
    """The name of the file with the JSON of a YAML text."""
    return f"{blake2b(text, digest_size=16).hexdigest()}.json"
