"""What a service answers where it can't do what it is asked."""

import re
from typing import Any, Dict, Optional

CODED = re.compile(r"\[(LW?\d+|E\d+|W\d+)\] *", re.ASCII)

#: When a client may try again that found the service busy, in seconds.
RETRY_AFTER = 1


class RequestError(Exception):
    """A request that can't be answered.

    status (int): The HTTP status.
    code (Optional[str]): The code of the message, if it has one.
    message (str): What is wrong, and what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        """status (int): The HTTP status.
        message (str): A message, with its code in brackets before it if it has one.
        """
        # It may cite what was sent, and that may be no text.
        message = message.encode("utf8", "replace").decode("utf8")
        super().__init__(message)
        self.status = status
        coded = CODED.match(message)
        self.code: Optional[str] = coded[1] if coded else None
        self.message = message[coded.end() :] if coded else message

    def body(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What the client gets, for JSON."""
        return {"error": {"code": self.code, "message": self.message}}

    def headers(self) -> Dict[str, str]:
        """RETURNS (Dict[str, str]): The headers that go with it."""
        return {"Retry-After": str(RETRY_AFTER)} if self.status == 503 else {}
