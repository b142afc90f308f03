"""Contracts of a user's: the shipped one with something added, as a file that MOCK_SENT_CONTRACT can name."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from replies import contract_document


def extended(path: Path, added: str) -> str:
    """Write the shipped contract with `added`, a piece of YAML that is merged into it; the file's name."""
    document = deepcopy(contract_document())
    _merge(document, yaml.safe_load(added))
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    return str(path)


def _merge(into: dict[str, Any], added: dict[str, Any]) -> None:
    for name, value in added.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
