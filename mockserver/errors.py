"""The error catalogue: every code that the mock can answer with."""


class ApiError(Exception):
    """An error that the API documents; one handler at the edge turns it into the answer."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
