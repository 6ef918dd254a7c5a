"""How much a service takes on."""

from dataclasses import dataclass, fields
from typing import Sequence

from ..errors import Errors
from .request_error import RequestError


@dataclass(frozen=True)
class Limits:
    """How much a service takes on. With these, its memory and its time for a request are bounded.

    text_length (int): The most characters of a text.
    explain_length (int): The same of a text to explain, for which the model runs many times.
    texts (int): The most texts of a request.
    body_bytes (int): The most bytes of a request's body; in a stream, of a line.
    seconds (float): How long a request waits for its result, and for each part of its body.
    queue_length (int): The most texts that wait.
    batch_size (int): The most texts that are predicted at once.
    requests (int): The most requests that are open at once.
    """

    text_length: int = 100_000
    explain_length: int = 1_000
    texts: int = 256
    body_bytes: int = 2**21
    seconds: float = 30.0
    queue_length: int = 1024
    batch_size: int = 32
    requests: int = 128

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value <= 0:
                option = "--" + field.name.replace("_", "-")
                raise ValueError(Errors.L923.format(option=option, value=value))

    def check_texts(self, texts: Sequence[str]) -> None:
        """texts (Sequence[str]): The texts of a request.
        RAISES (RequestError): If they are too many, or one of them is too long.
        """
        if len(texts) > self.texts:
            raise RequestError(413, Errors.L903.format(n=len(texts), limit=self.texts))
        for i, text in enumerate(texts):
            where = "The text" if len(texts) == 1 else f"Text {i} (from 0)"
            self._check_length(text, where, "text_length")

    def check_explained(self, text: str) -> None:
        """text (str): A text to explain.
        RAISES (RequestError): If it is too long.
        """
        self._check_length(text, "The text to explain", "explain_length")

    def _check_length(self, text: str, where: str, name: str) -> None:
        limit = getattr(self, name)
        if len(text) > limit:
            option = "--" + name.replace("_", "-")
            message = Errors.L902.format(where=where, length=len(text), limit=limit, option=option)
            raise RequestError(413, message)
