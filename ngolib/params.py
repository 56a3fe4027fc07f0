"""A notebook's parameters: the types they are declared with, reading them, checking values.

The cell tagged `parameters` is the only declaration: one parameter per line,
`name: type = default  # help`. It is read without running it, so that a wrong value is refused
before a kernel starts. An `end: Year | None = None` is that of the register's closing day. A list
that has a default may be none where its help says what `none =` means.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pydantic

from ngolib.checked import read_checked, said
from ngolib.errors import ParameterError, check_known, unknown
from ngolib.project import Project

TAG, INJECTED = "parameters", "injected-parameters"
FIRST_YEAR, LAST_YEAR = 1991, 2030


def _code(vocabulary: str, kind: str | None = None) -> pydantic.PlainValidator:
    """Allow the codes of a vocabulary, perhaps of one kind only."""

    def check(value: object, info: pydantic.ValidationInfo) -> object:
        codes = list(info.context["project"].vocabulary(vocabulary, kind))  # type: ignore[index]
        check_known(ValueError, kind or vocabulary, value, codes)
        return value

    return pydantic.PlainValidator(check)


def _year(value: object) -> object:
    # True is an int in Python, but no year.
    if type(value) is not int or not FIRST_YEAR <= value <= LAST_YEAR:
        raise ValueError(f"found {value!r}; allowed: a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


Bound = Annotated[str, _code("bound")]
Category = Annotated[str, _code("category")]
Confidence = Annotated[str, _code("confidence")]
Country = Annotated[str, _code("country")]
Direction = Annotated[str, _code("direction")]
Field = Annotated[str, _code("category", "field")]
Layer = Literal["corpus", "register"]
Level = Annotated[str, _code("level")]
Modality = Annotated[str, _code("modality")]
Reliability = Annotated[str, _code("reliability")]
Stage = Annotated[str, _code("stage")]
Voice = Annotated[str, _code("voice")]
Year = Annotated[int, pydantic.PlainValidator(_year)]

# The types above by name, and plain ones.
TYPES: dict[str, Any] = {
    name: kind for name, kind in globals().items() if get_origin(kind) in (Annotated, Literal)
}
TYPES |= {"bool": bool, "float": float, "int": int, "str": str}


@dataclass(frozen=True)
class Parameter:
    """One parameter as its notebook declares it."""

    name: str
    type: str
    default: Any
    help: str
    annotation: Any = field(default=None, compare=False)  # the type as Python knows it


def _resolve(node: ast.expr) -> Any:
    """Turn the written type into a Python type; `ValueError` tells what is not understood."""
    match node:
        case ast.Name(id=name):
            if name not in TYPES:
                raise ValueError(unknown("type", name, [*TYPES, "list[…]", "… | None"]))
            return TYPES[name]
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return list[_resolve(inner)]  # type: ignore[misc]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            written = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            values = tuple(map(ast.literal_eval, written))
            if values and all(isinstance(value, str | int) for value in values):
                return Literal[values]
        case ast.BinOp(left=inner, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _resolve(inner) | None
    raise ValueError(f"type {ast.unparse(node)!r} is not understood")


class _Cell(pydantic.BaseModel):
    """What is read of a cell; the rest is left to others."""

    cell_type: Literal["code", "markdown", "raw"]
    source: str | list[str]
    metadata: dict[str, Any] = {}
    tags: list[str] = pydantic.Field([], validation_alias=pydantic.AliasPath("metadata", "tags"))
    attachments: dict[str, dict[str, Any]] = {}
    outputs: list[dict[str, Any]] = []


class _Notebook(pydantic.BaseModel):
    """The form of a notebook's file."""

    nbformat: Literal[4]
    nbformat_minor: int
    metadata: dict[str, Any]
    cells: list[_Cell]


def read_notebook(notebook: Path) -> dict[str, Any]:
    """Read a notebook file as plain JSON, each cell's source as one text; else `ParameterError`."""
    content: dict[str, Any]
    content, _ = read_checked(_Notebook, notebook, notebook.name, ParameterError, strict=True)
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    return content


def _read_line(statement: ast.stmt, source: str) -> Parameter:
    """Read what one line declares; `ValueError` tells what is wrong with it."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr()):
            if statement.lineno != statement.end_lineno:
                raise ValueError("it spans several lines")
            resolved = _resolve(annotation)
            try:
                default = ast.literal_eval(statement.value)  # type: ignore[arg-type]
                repr(default)  # refuses numbers of thousands of digits
            except (ValueError, TypeError):
                raise ValueError("the default must be a plain value") from None
            line = source.encode().splitlines()[statement.lineno - 1]
            comment = line[statement.end_col_offset :].decode().lstrip("# \t").rstrip()
            return Parameter(name, ast.unparse(annotation), default, comment, resolved)
    raise ValueError("it does not declare a parameter")


def parameters_in(source: str, where: str) -> list[Parameter]:
    """Read the parameters that a cell, called `where` in a `ParameterError`, declares."""
    form = "each line must read `name: type = default  # help`"
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        said = getattr(error, "msg", error)
        raise ParameterError(f"{where}{line}: {said or 'nested too deep'}; {form}") from None
    found: dict[str, Parameter] = {}
    for statement in body:
        try:
            parameter = _read_line(statement, source)
            if parameter.name in found:
                raise ValueError(f"{parameter.name!r} was declared before")
        except (ValueError, RecursionError) as error:
            raise ParameterError(f"{where}, line {statement.lineno}: {error}; {form}") from None
        found[parameter.name] = parameter
    return list(found.values())


def parameters_of(notebook: Path) -> list[Parameter]:
    """Read the parameters that a notebook declares, in their order, without running it.

    Several cells tagged `parameters`, and a line that is not `name: type = default  # help`, are a
    `ParameterError`.
    """
    tagged = {}
    for n, cell in enumerate(read_notebook(notebook)["cells"], start=1):
        where, tags = f"{notebook.name}, cell {n}", cell.get("metadata", {}).get("tags", ())
        if INJECTED in tags:
            raise ParameterError(f"{where}: tagged {INJECTED!r}: an earlier run made it; delete it")
        if TAG in tags:
            tagged[where] = cell["source"]
    if len(tagged) > 1:
        cells = ", ".join(where.rpartition(" ")[2] for where in tagged)
        raise ParameterError(f"{notebook.name}: cells {cells} are tagged {TAG!r}; allowed: one")
    return [one for where, source in tagged.items() for one in parameters_in(source, where)]


def _without_none(annotation: Any) -> Any:
    """Return the type that is there beside `None`; nothing where none is not allowed."""
    choices = get_args(annotation)
    return choices[0] if type(None) in choices else None


def _problem(error: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> str:
    """Say in one line what pydantic found wrong."""
    name = str(error["loc"][0])
    if name not in parameters:
        return unknown("parameter", name, parameters)
    nothing = ", or nothing" if _without_none(parameters[name].annotation) else ""
    return f"parameter {name}: {said(error)}{nothing}"


def _cross_problems(
    values: Mapping[str, Any], parameters: Mapping[str, Parameter], project: Project
) -> Iterator[str]:
    """Yield what is wrong with values that are each allowed by themselves."""
    for name, value in values.items():
        items = value if isinstance(value, list) else []
        if value == [] != parameters[name].default and "none =" not in parameters[name].help:
            yield f"parameter {name}: found none; allowed: at least one"
        if doubled := [item for n, item in enumerate(items) if item in items[:n]]:
            yield f"parameter {name}: {doubled[0]!r} is given twice; allowed: once"
    start, end = values.get("start"), values.get("end")
    if not isinstance(start, int):
        return
    last = project.closing_day.year  # of later years nothing is known
    if start > (end := min(end, last) if isinstance(end, int) else last):
        yield f"parameter start: {start} is after end, {end}; allowed: {end} or earlier"


def check_values(
    notebook: Path, given: Mapping[str, Any], project: Project | None = None
) -> dict[str, Any]:
    """Check typed values for a notebook's parameters, by their names, and fill in the defaults.

    An `end` that is none stays none; it stands for the year of `Project.closing_day`. What is wrong
    is a `ParameterError`, with one line for each: what was found, what is allowed.
    """
    project = project or Project.find()
    parameters = {p.name: p for p in parameters_of(notebook)}
    # Nothing is converted, and defaults are checked too.
    config = pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    # By alias, for some names would be those of the model's own parts.
    fields: dict[str, Any] = {
        f"p{n}": (p.annotation, pydantic.Field(alias=p.name))
        for n, p in enumerate(parameters.values())
    }
    whole = {p.name: p.default for p in parameters.values()} | dict(given)
    model = pydantic.create_model("Values", __config__=config, **fields)
    try:
        values = model.model_validate(whole, context={"project": project}).model_dump(by_alias=True)
    except pydantic.ValidationError as error:
        problems = list(dict.fromkeys(_problem(dict(one), parameters) for one in error.errors()))
    else:
        problems = list(_cross_problems(values, parameters, project))
    if problems:
        raise ParameterError("\n".join(f"{notebook.stem}: {line}" for line in problems))
    return values


def to_text(value: Any) -> str:
    """Write a parameter's value as the command line takes it."""
    if isinstance(value, list | tuple):
        return ",".join(to_text(item) for item in value)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(annotation: Any, text: str) -> Any:
    """Turn text into a value of the type; text that does not fit is kept, for the check to name."""
    if inner := _without_none(annotation):
        return None if text.casefold() in ("", "none") else _from_text(inner, text)
    if get_origin(annotation) is list:
        (kind,) = get_args(annotation)
        parts = [] if text.casefold() in ("", "none") else text.split(",")
        return [_from_text(kind, part.strip()) for part in parts]
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return next((value for value in get_args(annotation) if str(value) == text), text)
    try:
        return pydantic.TypeAdapter(annotation).validate_strings(text)
    except pydantic.ValidationError:
        return text


def parse_values(notebook: Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Turn texts of the command line (`KAZ,KGZ` is a list) into values, not yet checked."""
    types = {p.name: p.annotation for p in parameters_of(notebook)}
    return {name: _from_text(types.get(name, str), text) for name, text in texts.items()}
