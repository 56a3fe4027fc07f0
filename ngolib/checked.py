"""What pydantic finds wrong, in our words: where it stands, what was found, what is allowed."""

import re
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ngolib.errors import NgolibError, check_known, shortened, unknown
from ngolib.reading import read_json, read_text

Model = TypeVar("Model", bound=BaseModel)

# Kind of pydantic error to what would have been right.
_ALLOWED = {"bool_type": "true or false", "float_type": "a number"}
_ALLOWED |= dict.fromkeys(("string_type", "string_unicode"), "a text")
_ALLOWED |= dict.fromkeys(("int_type", "int_from_float"), "a whole number")
_ALLOWED |= dict.fromkeys(("list_type", "tuple_type"), "a list")
_ALLOWED |= dict.fromkeys(("dict_type", "model_type", "dataclass_type"), "keys with values")
_ALLOWED |= {"string_too_short": "a text that is not empty", "greater_than": "a number above {gt}"}


class Strict(BaseModel):
    """A block of a file: a key that it does not have is refused, and the nearest one named."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, raw: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in raw if isinstance(raw, dict) else ():
            check_known(ValueError, "key", key, known)
        return raw


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML; a `ValueError` also for numbers and nesting that could not be shown again."""
    try:
        content = tomllib.loads(text)
        repr(content)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return content


def regular(value: Any, flags: int = 0) -> re.Pattern[str]:
    """Compile a regular expression; a `ValueError` says what is wrong with it."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"found {value!r}; allowed: a regular expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what Python will read otherwise one day
            return re.compile(value, flags)
    except (re.error, Warning, RecursionError, OverflowError) as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from None


def several(value: Any) -> Any:
    """Take one name for a list of one."""
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(several)]


def no_double(what: str, names: list[str]) -> None:
    """Refuse a name that stands in a list twice."""
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{what} {doubled!r} stands there twice; names are unique")


def said(error: Mapping[str, Any]) -> str:
    """Say what was found and what is allowed, for one of the errors of a `ValidationError`."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "literal_error":
        names = [part for part in error["loc"] if isinstance(part, str)]
        allowed = re.findall(r"'([^']*)'", context["expected"]) or [context["expected"]]
        return unknown(names[-1], error["input"], allowed)
    found = shortened(repr(error["input"]), 200)
    known = _ALLOWED.get(error["type"])
    return f"found {found}; allowed: {known.format(**context) if known else error['msg']}"


def lines_of(error: ValidationError, raw: Any) -> list[str]:
    """Say in one line each what a model found wrong with the content of a file, the raw object.

    Such as `rule 'byline': 'pattern': found 1; allowed: a regular expression`.
    """
    lines = []
    for one in error.errors():
        # Of a doubtful word, the message itself says what it stands for.
        where = one["loc"][:-1] if one["type"] == "literal_error" else one["loc"]
        link = " " if one["type"] == "missing" else ": "
        lines.append(link.join(filter(None, (_place(where, raw), said(dict(one))))))
    return list(dict.fromkeys(lines))


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from None


_PARSED: dict[str, Callable[[str], Any]] = {".toml": parse_toml, ".cff": _yaml}


class Citation(BaseModel):
    """What is read of `CITATION.cff`."""

    authors: list[dict[str, Any]] = []
    url: str = ""
    doi: str = ""
    repository_code: str = Field("", alias="repository-code")


def read_checked(
    model: type[Model], path: Path, where: str, kind: type[NgolibError], **how: Any
) -> tuple[Any, Model]:
    """Read a file of JSON, TOML or YAML by a model; each line of an error names it as `where`."""
    raw: Any = None
    try:
        raw = _PARSED[path.suffix](read_text(path)) if path.suffix in _PARSED else read_json(path)
        return raw, model.model_validate(raw, **how)
    except FileNotFoundError:
        lines = ["not found"]
    except OSError as error:
        lines = [f"cannot be read: {error.strerror}"]
    except ValidationError as error:
        lines = lines_of(error, raw)
    except ValueError as error:
        lines = [f"not valid {path.suffix[1:].upper()}: {' '.join(str(error).split())}"]
    raise kind("\n".join(f"{where}: {line}" for line in lines)) from None


def _place(where: Sequence[str | int], raw: Any) -> str:
    """Name a place: the file's block, the member of a list, the key."""
    parts: list[str] = []
    for n, part in enumerate(where, 1):
        try:
            raw = raw[part]
        except (LookupError, TypeError):
            raw = None
        if isinstance(part, int):
            called = raw.get("name", raw.get("slug")) if isinstance(raw, dict) else None
            member = repr(called) if isinstance(called, str) else str(part + 1)
            parts[-1] = f"{parts[-1].removesuffix('s')} {member}"
        elif n == len(where):
            parts.append(repr(part))
        elif not parts or isinstance(where[n], int):
            parts.append(part)
    return ": ".join(parts)
