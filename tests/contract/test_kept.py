"""The JSON that is kept in the place of a shipped YAML file."""

import json
from pathlib import Path

import pytest
import yaml
from replies import ROOT

from mock_sent.contract.kept import DOCUMENTS, keep, kept_tree


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_the_same_tree(tmp_path: Path, name: str) -> None:
    """What is kept of a document is what its YAML says."""
    text = (ROOT / name).read_bytes()

    keep(ROOT / name, tmp_path)

    assert kept_tree(text, tmp_path) == yaml.safe_load(text)


def test_a_changed_file_is_read_itself(tmp_path: Path) -> None:
    """One letter of the YAML changed, and the JSON of before is not used."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes((ROOT / "openapi.yaml").read_bytes())
    kept = keep(path, tmp_path)

    assert json.loads(kept.read_text("utf-8"))["openapi"] == "3.1.0"
    assert kept_tree(path.read_bytes() + b"# changed\n", tmp_path) is None
