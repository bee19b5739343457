"""How WeChat says no."""


class Refusal(Exception):
    """An answer with an errcode; codes and words as in the platform's list of return codes."""

    def __init__(self, code: int, message: str, **fields: object) -> None:
        """`fields`: what stands in the answer besides, such as the msg_id of 45065."""
        super().__init__(message)
        self.code = code
        self.fields = fields
