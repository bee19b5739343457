"""Text to vectors. With the bundled model no process imports torch.

The bundled model encodes both with ONNX int8 (4 ms a question on one thread, mean cosine to fp32 .9975; hit@1 on
knowledge/dev is the same as with passages in fp32). EMBEDDING_MODEL names any other SentenceTransformer.
"""

from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.once import once
from core.settings import get_settings
from knowledge import weights
from knowledge.errors import KnowledgeUnavailable

Vectors = npt.NDArray[np.float32]
BATCH = 32


class Encoder(Protocol):
    """An embedding model. Vectors have length 1, so that their inner product is the cosine."""

    name: str
    """Stands in the index: vectors of two models must never be compared."""

    def question(self, text: str) -> Vectors:
        """One question as float32 [dimensions]."""

    def passages(self, texts: list[str]) -> Vectors:
        """Passages as float32 [texts, dimensions]."""


class BundledEncoder:
    """multilingual-e5-small from `weights.model_folder()`."""

    name = "e5-small"

    def question(self, text: str) -> Vectors:
        """One question as float32 [384]."""
        return self._encode(weights.PROMPTS["query"] + text)

    def passages(self, texts: list[str]) -> Vectors:
        """Passages as float32 [texts, 384]."""
        return np.stack([self._encode(weights.PROMPTS["passage"] + text) for text in texts])

    def _encode(self, text: str) -> Vectors:
        """One text a call: the int8 scale of an activation is taken over a whole batch."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        vectors = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        return np.asarray(vectors[0], dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        _require_weights()
        tokenizer = Tokenizer.from_file(str(weights.model_folder() / "tokenizer.json"))
        tokenizer.enable_truncation(weights.MAX_TOKENS)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = str(weights.model_folder() / weights.ONNX_FILE)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class NamedEncoder:
    """Any SentenceTransformer by name or path."""

    def __init__(self, name: str) -> None:
        self.name = name

    def question(self, text: str) -> Vectors:
        """One question as float32 [dimensions]."""
        return np.asarray(self._model.encode_query(text, normalize_embeddings=True), dtype=np.float32)

    def passages(self, texts: list[str]) -> Vectors:
        """Passages as float32 [texts, dimensions]."""
        vectors = self._model.encode_document(
            texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer

        weights.quieten_transformers()
        try:
            return SentenceTransformer(self.name, device="cpu")
        except (OSError, ValueError) as error:
            reason = (str(error).splitlines() or [""])[0]
            raise KnowledgeUnavailable(f"EMBEDDING_MODEL {self.name} cannot be loaded: {reason}") from error


@once
def get_encoder() -> Encoder:
    """The encoder of the settings, made once a process; its model is loaded at the first use, after any fork."""
    name = get_settings().embedding_model
    return NamedEncoder(name) if name else BundledEncoder()


def _require_weights() -> None:
    if not (weights.model_folder() / weights.ONNX_FILE).exists():
        raise KnowledgeUnavailable("the embedding model is not built; run `tongqi knowledge encoder`")
