"""From a part of a file to its form, or to one fault for everything that keeps it from being one."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from finmodel.assumptions.forms import Form
from finmodel.assumptions.reading import Document
from finmodel.assumptions.tree import Steps, Unreadable, described, key_of
from finmodel.errors import Fault, nearest

F = TypeVar("F", bound=Form)

WORDS = {
    "string_type": "text",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
}
"""What pydantic's types of error expected, in the words of the book."""


def validated(form: type[F], document: Document, path: Steps = ()) -> tuple[F | None, list[Fault]]:
    """The value that `path` leads to as a form; None where it is none.

    What the reader found at fault already is not reported twice: the list may be empty though the form is None.
    """
    try:
        return form.model_validate(document.plain(path)), []
    except ValidationError as error:
        return None, _faults(form, error, document, path)


def salvaged(form: type[F], document: Document) -> tuple[F, list[Fault]]:
    """A whole file as a form; keys at fault are left out, so that what is below the others is still looked at."""
    data = document.plain()
    try:
        return form.model_validate(data), []
    except ValidationError as error:
        bad = {details["loc"][0] for details in error.errors() if details["loc"]}
        sound = {key: value for key, value in data.items() if key not in bad}
        return form.model_construct(**sound), _faults(form, error, document, ())


def _faults(form: type[Form], error: ValidationError, document: Document, path: Steps) -> list[Fault]:
    return [
        _fault(form, details, document, path)
        for details in error.errors(include_url=False)
        if details["type"] == "missing" or not _unreadable(details["input"])
    ]


def _fault(form: type[Form], details: ErrorDetails, document: Document, path: Steps) -> Fault:
    location = details["loc"]
    if location[-1:] == ("[key]",):  # pydantic's word for a key that is itself at fault
        location = location[:-1]
    where = (*path, *location)
    key, row = key_of(where), document.row(where)
    owner = _owner(form, location)
    name = str(where[-1]) if where else ""
    match details["type"]:
        case "missing":
            wanted = owner.model_fields[name].description if name in owner.model_fields else None
            return Fault(
                "is missing", document.file, row, key, found="nothing", expected=wanted, remedy=f"add '{name}'"
            )
        case "extra_forbidden":
            known = list(owner.model_fields)
            near = nearest(name, known)
            remedy = f"perhaps '{near}' is meant" if near else "leave it out"
            expected = f"one of {', '.join(known)}"
            return Fault(
                "is an unknown key", document.file, row, key, found=f"'{name}'", expected=expected, remedy=remedy
            )
    expected = WORDS.get(details["type"], details["msg"].removeprefix("Input should be "))
    value = details["input"]
    choices = re.findall(r"'(.*?)'", expected) if details["type"] == "literal_error" else []
    near = nearest(value, choices) if isinstance(value, str) else None
    meant = f"perhaps '{near}' is meant" if near else None
    return Fault("is not valid", document.file, row, key, found=described(value), expected=expected, remedy=meant)


def _owner(form: type[Form], location: tuple[int | str, ...]) -> type[Form]:
    """The form that the last key of a location belongs to."""
    for step in location[:-1]:
        field = form.model_fields.get(str(step))
        inner = (field.annotation, *get_args(field.annotation)) if field else ()
        form = next((one for one in inner if isinstance(one, type) and issubclass(one, Form)), form)
    return form


def _unreadable(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_unreadable, value.values()))
    if isinstance(value, tuple):
        return any(map(_unreadable, value))
    return isinstance(value, Unreadable)
