"""What tests of the knowledge base share: an encoder that needs no model, and sheets."""

import hashlib
from pathlib import Path

import numpy as np
import yaml

from knowledge.encoder import Vectors
from knowledge.index.terms import bigrams

DIMENSIONS = 256


class HashEncoder:
    """Texts are near when they share bigrams: enough to test everything but the model."""

    name = "hash"

    def question(self, text: str) -> Vectors:
        """A unit vector with a direction for each bigram."""
        vector = np.full(DIMENSIONS, 1e-3, dtype=np.float32)
        for term in bigrams(text):
            vector[int.from_bytes(hashlib.sha256(term.encode()).digest()[:2]) % DIMENSIONS] += 1
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def passages(self, texts: list[str]) -> Vectors:
        """Row by row as questions."""
        return np.stack([self.question(text) for text in texts])


def write_sheet(folder: Path, policy: str, body: str, **front: object) -> Path:
    """A sheet in force, with what `front` changes."""
    values = {"id": policy, "title": policy, "status": "现行", "category": "综合"} | front
    path = folder / f"{policy}.md"
    path.write_text(f"---\n{yaml.safe_dump(values, allow_unicode=True)}---\n## 支持内容\n\n{body}\n", "utf-8")
    return path


def write_sheets(folder: Path, voucher: str = "服务券补贴") -> Path:
    """Two sheets in a new folder below: `voucher`, of the title given, and `award`."""
    sheets = folder / "sheets"
    sheets.mkdir()
    write_sheet(sheets, "voucher", "服务券按合同金额的30%补贴。", title=voucher)
    write_sheet(sheets, "award", "评上示范基地奖励20万元。", title="示范基地奖励")
    return sheets
