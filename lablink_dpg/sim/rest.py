"""What every REST route shares: JSON in and out, and the server's way to refuse.

Checks answer as the real server's validation does: 422 with a list of ``{type, loc, msg, input}``.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

REQUIRED: Final = object()  # a field without default
WORDS: Final[dict[type, tuple[str, str]]] = {
    str: ("string_type", "Input should be a valid string"),
    int: ("int_type", "Input should be a valid integer"),
    float: ("float_type", "Input should be a valid number"),
    bool: ("bool_type", "Input should be a valid boolean"),
    list: ("list_type", "Input should be a valid list"),
    dict: ("dict_type", "Input should be a valid dictionary"),
}


class Refusal(Exception):
    """An answer that is not the wanted one: ``{"detail": …}`` with its status."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


def json_answer(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def text_answer(json_text: str) -> Response:
    """For an answer that is JSON text already."""
    return Response(json_text, media_type="application/json")


def invalid(loc: list[Any], kind: str, message: str, value: Any) -> Refusal:
    return Refusal(422, [{"type": kind, "loc": loc, "msg": message, "input": value}])


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Refusal: if it is anything else.
    """
    try:
        content = orjson.loads(await request.body())
    except orjson.JSONDecodeError as problem:
        raise invalid(["body", problem.pos], "json_invalid", "JSON decode error", {}) from None
    if not isinstance(content, dict):
        raise invalid(["body"], "model_attributes_type", "Input should be a valid dictionary", content)
    return content


def field(body: dict[str, Any], name: str, kind: type, default: Any = REQUIRED) -> Any:
    """One field of a body, an integer taken as a float where one is asked for; ``null`` counts as not given if there
    is a default.

    Raises:
        Refusal: if it is missing or of another type.
    """
    if name not in body and default is REQUIRED:
        raise invalid(["body", name], "missing", "Field required", body)
    value = body.get(name)
    if value is None and default is not REQUIRED:
        return default
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise invalid(["body", name], *WORDS[kind], value)
    return value


def query_int(request: Request, name: str) -> int | None:
    """A whole number from the query string, None if it is not there.

    Raises:
        Refusal: if it is no number.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise invalid(["query", name], "int_parsing", message, text) from None
