"""Sentence vectors of multilingual-e5-small from its ONNX int8 form, shared with the knowledge base's search."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

PROJECT = Path(__file__).resolve().parents[2]
PROMPT = "query: "  # e5 was trained with it
MAX_TOKENS = 256


def encoder_folder() -> Path:
    """Where set-up puts the encoder: outside the model archive, so that one copy serves every part."""
    return PROJECT / os.environ.get("TONGQI_VAR", "var") / "models" / "e5-small"


class SentenceEncoder:
    """Turns a text into a vector of 384 numbers of length 1, in about 3 ms on one thread."""

    def __init__(self, folder: Path) -> None:
        """Load the weights.

        Args:
            folder: holds `model.int8.onnx` (output `embedding`: pooled, of length 1) and `tokenizer.json`.

        Raises:
            FileNotFoundError: the encoder was not built yet.
        """
        if not (folder / "model.int8.onnx").exists():
            raise FileNotFoundError(f"no sentence encoder in {folder}: run `make setup`")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # spinning threads ruin the p95 of a busy host
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.int8.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, text: str) -> npt.NDArray[np.float32]:
        """The vector of one text; one a call, as the int8 scale of an activation is taken over a whole batch."""
        ids = np.array([self._tokenizer.encode(PROMPT + text).ids], np.int64)
        (vectors,) = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return np.asarray(vectors[0], np.float32)
