"""What a server of a vendor answers."""


class Answer(Exception):
    """A status, headers and bytes; raised wherever it is known."""

    def __init__(self, status, headers=(), body=b""):
        super().__init__(status)
        self.status, self.headers, self.body = status, list(headers), body
