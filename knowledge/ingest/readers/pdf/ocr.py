"""Text of a picture of a page, by RapidOCR with the PP-OCRv4 models that its wheel carries, on one thread."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.once import once
from knowledge.ingest.readers.pdf.layout import Page, Piece, lines_of

MIN_CONFIDENCE = 0.6  # below this mean a page's figures cannot be relied on
MIN_LINE_CONFIDENCE = 0.5  # RapidOCR's own; what is below is a stamp, a signature or dirt
POINTS_HIGH = 842.0  # pages are measured in points, A4 upright


def read_page(picture: NDArray[np.uint8]) -> tuple[Page, float]:
    """Lines of a page and the mean confidence, 0 to 1, of all characters on it, those of lines left out included.

    Args:
        picture: rows, columns, and blue, green and red.
    """
    height, width = picture.shape[:2]
    scale = POINTS_HIGH / max(height, width)
    found, _times = get_engine()(picture)
    pieces, sure, characters = [], 0.0, 0
    for box, text, confidence in found or []:
        xs, ys = [x * scale for x, _ in box], [y * scale for _, y in box]
        if float(confidence) >= MIN_LINE_CONFIDENCE:
            pieces.append(Piece(text, min(xs), max(xs), min(ys), max(ys)))
        sure += float(confidence) * len(text)
        characters += len(text)
    return Page(width * scale, height * scale, list(lines_of(pieces))), sure / characters if characters else 0.0


@once
def get_engine() -> Any:
    """The OCR engine of this process, loaded with the first scanned page.

    It holds 500 MB from then on and 900 MB while it looks at a page; a page takes 6 to 9 s of one core.
    """
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1, text_score=0.0)  # all lines, for the mean
