"""Which customer-service messages have left this machine, though nobody noted yet what WeChat said to them.

WeChat's API has no key by which it would recognise a repetition. A sender that is killed leaves its message `sending`:
was it sent? An empty file, made the moment after the request's last byte went to the kernel, tells: what is in the
kernel goes out even if the process dies. A file, because it takes microseconds where a transaction takes milliseconds,
and a kill falls into them so much more rarely. Files lie on the machine of the sender; another machine's sweep does
not see them, and sends again.
"""

from pathlib import Path

from core.settings import get_settings


def note(delivery_id: int) -> None:
    """The message has left."""
    path = _path(delivery_id)
    try:
        path.touch()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def noted(delivery_id: int) -> bool:
    """Whether the message has left."""
    return _path(delivery_id).exists()


def forget(delivery_id: int) -> None:
    """What WeChat said is in the database now."""
    _path(delivery_id).unlink(missing_ok=True)


def _path(delivery_id: int) -> Path:
    return get_settings().tongqi_var / "dispatched" / str(delivery_id)
