"""Structured logs: facts as fields, personal numbers masked, one line a fact."""

import logging
import sys
from typing import Any

import structlog

from core.security import mask
from core.settings import get_settings


def configure(process: str, minimum: int = logging.DEBUG) -> None:
    """Send this process's logs to standard error, a JSON object a line.

    Args:
        process: name that every line carries, such as `gateway`.
        minimum: nothing below this level is shown, whatever TONGQI_LOG_LEVEL says.
    """
    level = max(logging.getLevelNamesMapping()[get_settings().tongqi_log_level.upper()], minimum)
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _mask_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get_logger() -> Any:
    """A logger that takes an event name and fields: `log.info("turn answered", turn=7)`."""
    return structlog.get_logger()


def _mask_line(_logger: object, _method: str, line: Any) -> str:
    """Last of all, so that no number slips through in a list, an exception or a field's name."""
    return mask(line)
