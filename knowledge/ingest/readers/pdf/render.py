"""PDFium: how many pages a PDF has and whether it opens at all, and pictures of its pages."""

import threading
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from knowledge.ingest.document import InvalidDocument

LONG_SIDE = 2000  # pixels; 170 a inch on A4, and as much as the OCR looks at
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_pdfium = threading.Lock()  # PDFium must not be called by two threads at the same time


def page_count(path: Path) -> int:
    """Number of pages; a PDF that is encrypted without a user's password opens.

    Raises:
        InvalidDocument: protected by a password, or damaged.
    """
    with _pdfium:
        try:
            with pypdfium2.PdfDocument(path) as pdf:
                return len(pdf)
        except pypdfium2.PdfiumError as error:
            if error.err_code == _PASSWORD_ERROR:
                raise InvalidDocument("protected by a password: save it without one") from None
            raise InvalidDocument("a damaged PDF") from None


def render(path: Path, number: int) -> NDArray[np.uint8]:
    """A page, counted from 1, as a picture of rows, columns and blue, green and red."""
    with _pdfium, pypdfium2.PdfDocument(path) as pdf:
        page = pdf[number - 1]
        scale = LONG_SIDE / max(*page.get_size(), 1)
        bitmap = page.render(scale=scale, limit_image_cache=True)
        picture = np.array(bitmap.to_numpy()[:, :, :3])  # a copy: the bitmap's memory goes with the document
        bitmap.close()
        page.close()
        return picture
