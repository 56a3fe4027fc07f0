"""A notebook's parameters: the types they are declared with, reading them, checking values.

The cell tagged `parameters` is the only declaration: one parameter per line,
`name: type = default  # help`. It is read without running it, and turned into a pydantic model, so
that a wrong value is refused before a kernel starts. What a type allows (countries, categories, …)
stands in the codebook and is not repeated here.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from ngolib.errors import ParameterError, unknown
from ngolib.project import Project

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler, ValidationInfo
    from pydantic_core import CoreSchema

TAG = "parameters"


@dataclass(frozen=True)
class Code:
    """Mark of a type whose values are the codes of a vocabulary, perhaps of one kind only."""

    vocabulary: str
    kind: str | None = None

    @property
    def noun(self) -> str:
        """What one value is called in a message."""
        return self.kind or self.vocabulary

    def allowed(self, project: Project) -> list[str]:
        """Return every code that may be given, in the order of the codebook."""
        return list(project.vocabulary(self.vocabulary, self.kind))

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic check the code after it has checked that it is text."""
        from pydantic_core import PydanticCustomError, core_schema

        def check(value: str, info: ValidationInfo) -> str:
            project = (info.context or {}).get("project") or Project.find()
            allowed = self.allowed(project)
            if value not in allowed:
                text = unknown(self.noun, value, allowed)
                raise PydanticCustomError("code", "{text}", {"text": text})
            return value

        return core_schema.with_info_after_validator_function(check, handler(source))


@dataclass(frozen=True)
class Between:
    """Mark of a whole number with a lowest and a highest value."""

    lowest: int
    highest: int
    noun: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic check the limits after it has checked that it is a whole number."""
        from pydantic_core import PydanticCustomError, core_schema

        def check(value: int) -> int:
            if not self.lowest <= value <= self.highest:
                text = f"found {value}; allowed: {self.phrase}"
                raise PydanticCustomError("between", "{text}", {"text": text})
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    @property
    def phrase(self) -> str:
        """What is allowed, in words."""
        return f"a {self.noun} from {self.lowest} to {self.highest}"


Bound = Annotated[str, Code("bound")]
Country = Annotated[str, Code("country")]
Category = Annotated[str, Code("category")]
Field = Annotated[str, Code("category", "field")]
Level = Annotated[str, Code("level")]
Stage = Annotated[str, Code("stage")]
Direction = Annotated[str, Code("direction")]
Voice = Annotated[str, Code("voice")]
Modality = Annotated[str, Code("modality")]
Reliability = Annotated[str, Code("reliability")]
Confidence = Annotated[str, Code("confidence")]
Year = Annotated[int, Between(1991, 2030, "year")]
Layer = Literal["corpus", "register"]

DOMAIN_TYPES: dict[str, Any] = {
    "Bound": Bound,
    "Category": Category,
    "Confidence": Confidence,
    "Country": Country,
    "Direction": Direction,
    "Field": Field,
    "Layer": Layer,
    "Level": Level,
    "Modality": Modality,
    "Reliability": Reliability,
    "Stage": Stage,
    "Voice": Voice,
    "Year": Year,
}
PLAIN_TYPES: dict[str, Any] = {"bool": bool, "float": float, "int": int, "str": str}
PLAIN_NOUNS: dict[Any, str] = {bool: "true or false", float: "a number", int: "a whole number"}
TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter as its notebook declares it."""

    name: str
    type: str
    default: Any
    help: str

    @property
    def annotation(self) -> Any:
        """The type as Python knows it; that it can be resolved was checked when it was read."""
        return _resolve(ast.parse(self.type, mode="eval").body)


def _resolve(node: ast.expr) -> Any:
    """Turn the written type into a Python type; `ValueError` tells what is not understood."""
    match node:
        case ast.Constant(value=None):
            return type(None)
        case ast.Name(id=name):
            known = DOMAIN_TYPES | PLAIN_TYPES
            if name not in known:
                raise ValueError(unknown("type", name, [*known, "list[…]", "… | None"]))
            return known[name]
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return list[_resolve(inner)]  # type: ignore[misc]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return Literal[tuple(ast.literal_eval(value) for value in values)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _resolve(left) | _resolve(right)
    raise ValueError(f"type {ast.unparse(node)!r} is not understood")


def read_notebook(notebook: Path) -> dict[str, Any]:
    """Read a notebook file as plain JSON.

    Parameters
    ----------
    notebook : pathlib.Path
        The file.

    Returns
    -------
    dict
        The notebook; each cell's source is one text.

    Raises
    ------
    ngolib.errors.ParameterError
        If the file is missing or no notebook.
    """
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        for cell in content["cells"]:
            cell["source"] = "".join(cell["source"])
    except FileNotFoundError:
        raise ParameterError(f"{notebook.name}: no such notebook") from None
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ParameterError(f"{notebook.name}: not a readable notebook: {error}") from None
    return content


def _help_of(source: str) -> dict[int, str]:
    """Line of a cell to the comment at its end."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _read_statement(statement: ast.stmt) -> tuple[str, str, Any]:
    """Name, written type and default of one line; `ValueError` tells what is wrong with it."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr()):
            if statement.lineno != statement.end_lineno:
                raise ValueError("it spans several lines")
            _resolve(annotation)
            try:
                default = ast.literal_eval(statement.value)  # type: ignore[arg-type]
            except ValueError:
                raise ValueError("the default must be a plain value") from None
            return name, ast.unparse(annotation), default
    raise ValueError("it does not declare a parameter")


def parameters_in(source: str, where: str) -> list[Parameter]:
    """Read the parameters that a cell declares, without running it.

    Parameters
    ----------
    source : str
        Text of the cell.
    where : str
        What the cell is called in a message.

    Returns
    -------
    list of Parameter
        In the order of the cell.

    Raises
    ------
    ngolib.errors.ParameterError
        If a line is not of the form `name: type = default  # help`, naming the line.
    """
    form = "each line must read `name: type = default  # help`"
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{where}, line {error.lineno}: {error.msg}; {form}") from None
    help_of = _help_of(source)
    found: dict[str, Parameter] = {}
    for statement in body:
        line = statement.lineno
        try:
            name, type_text, default = _read_statement(statement)
            if name in found:
                raise ValueError(f"{name!r} was declared before")
        except ValueError as error:
            raise ParameterError(f"{where}, line {line}: {error}; {form}") from None
        found[name] = Parameter(name, type_text, default, help_of.get(line, ""))
    return list(found.values())


def parameters_of(notebook: Path) -> list[Parameter]:
    """Read the parameters that a notebook declares, without running it.

    Parameters
    ----------
    notebook : pathlib.Path
        The notebook.

    Returns
    -------
    list of Parameter
        In the order of the cell tagged `parameters`; none if there is no such cell.

    Raises
    ------
    ngolib.errors.ParameterError
        If the notebook cannot be read, has several such cells, or a line is not of the form
        `name: type = default  # help`.
    """
    cells = read_notebook(notebook)["cells"]
    tagged = [
        (number, cell["source"])
        for number, cell in enumerate(cells, start=1)
        if TAG in cell.get("metadata", {}).get("tags", ())
    ]
    if len(tagged) > 1:
        numbers = ", ".join(str(number) for number, _ in tagged)
        raise ParameterError(f"{notebook.name}: cells {numbers} are tagged {TAG!r}; allowed: one")
    return [
        parameter
        for number, source in tagged
        for parameter in parameters_in(source, f"{notebook.name}, cell {number}")
    ]


def model_of(name: str, parameters: Sequence[Parameter]) -> type[BaseModel]:
    """Turn declared parameters into a pydantic model.

    Parameters
    ----------
    name : str
        Name of the model.
    parameters : sequence of Parameter
        What `parameters_of` returned.

    Returns
    -------
    type of pydantic.BaseModel
        A strict model: unknown names are refused, nothing is converted, defaults are checked too.
        The project whose codebook is asked is taken from the validation context (`project`),
        else found as usual.
    """
    from pydantic import ConfigDict, create_model

    config = ConfigDict(extra="forbid", strict=True, validate_default=True, protected_namespaces=())
    fields: dict[str, Any] = {p.name: (p.annotation, p.default) for p in parameters}
    return create_model(name, __config__=config, **fields)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return the type without `None`, and whether `None` was among its choices."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    others = [arg for arg in get_args(annotation) if arg is not type(None)]
    return reduce(or_, others), len(others) < len(get_args(annotation))


def _phrase(annotation: Any, project: Project) -> str:
    """Say in words what a type allows."""
    inner, optional = _without_none(annotation)
    if optional:
        return f"{_phrase(inner, project)}, or nothing"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return f"a list, each {_phrase(arguments[0], project)}"
    if origin is Literal:
        return f"one of {', '.join(str(value) for value in arguments)}"
    if origin is Annotated:
        mark = arguments[1]
        if isinstance(mark, Code):
            return f"a {mark.noun} ({', '.join(mark.allowed(project))})"
        return mark.phrase
    return PLAIN_NOUNS.get(annotation, "text")


def _problem(
    error: Mapping[str, Any], parameters: Mapping[str, Parameter], project: Project
) -> str:
    """Say in one line what pydantic found wrong."""
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return unknown("parameter", name, parameters)
    if error["type"] in ("code", "between"):
        return f"parameter {name}: {error['msg']}"
    allowed = _phrase(parameters[name].annotation, project)
    return f"parameter {name}: found {error['input']!r}; allowed: {allowed}"


def _cross_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with values that are each allowed by themselves."""
    for name, value in values.items():
        if isinstance(value, list):
            doubled = [item for n, item in enumerate(value) if item in value[:n]]
            if doubled:
                yield f"parameter {name}: {doubled[0]!r} is given twice; allowed: once"
    start, end = values.get("start"), values.get("end")
    if isinstance(start, int) and isinstance(end, int) and start > end:
        yield f"parameter start: {start} is after end, {end}; allowed: {end} or earlier"


def check_values(
    notebook: Path, given: Mapping[str, Any], project: Project | None = None
) -> dict[str, Any]:
    """Check values for a notebook's parameters and fill in the defaults.

    Parameters
    ----------
    notebook : pathlib.Path
        The notebook that declares the parameters.
    given : mapping
        Parameter name to value, typed (see `parse_values` for text).
    project : Project, optional
        Whose codebook is asked; found as usual if not given.

    Returns
    -------
    dict
        A value for every parameter, in the order of their declaration.

    Raises
    ------
    ngolib.errors.ParameterError
        With one line for each wrong parameter: notebook, parameter, what was found, what is
        allowed.
    """
    from pydantic import ValidationError

    project = project or Project.find()
    parameters = {p.name: p for p in parameters_of(notebook)}
    model = model_of("Values", list(parameters.values()))
    try:
        values = model.model_validate(dict(given), context={"project": project}).model_dump()
    except ValidationError as error:
        # A union reports each of its choices: one line for a value is enough.
        lines = [_problem(e, parameters, project) for e in map(dict, error.errors())]
        problems = list(dict.fromkeys(lines))
    else:
        problems = list(_cross_problems(values))
    if problems:
        raise ParameterError("\n".join(f"{notebook.stem}: {line}" for line in problems))
    return values


def _from_text(annotation: Any, text: str) -> Any:
    """Turn text into a value of the type; text that does not fit is kept, for the check to name."""
    inner, optional = _without_none(annotation)
    if optional:
        return None if text in ("", "None") else _from_text(inner, text)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return [_from_text(arguments[0], part.strip()) for part in text.split(",")] if text else []
    if origin is Annotated:
        return _from_text(arguments[0], text)
    if origin is Literal:
        return next((value for value in arguments if str(value) == text), text)
    if annotation is bool:
        return TRUTH.get(text.casefold(), text)
    if annotation in (int, float):
        try:
            return annotation(text)
        except ValueError:
            return text
    return text


def parse_values(notebook: Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Turn values given as text on the command line into values of the declared types.

    Parameters
    ----------
    notebook : pathlib.Path
        The notebook that declares the parameters.
    texts : mapping
        Parameter name to text: `KAZ,KGZ` for a list, nothing for an empty list or for none.

    Returns
    -------
    dict
        Parameter name to value, not yet checked against the codebook.

    Raises
    ------
    ngolib.errors.ParameterError
        If the notebook has no such parameter.
    """
    parameters = {p.name: p for p in parameters_of(notebook)}
    for name in texts:
        if name not in parameters:
            raise ParameterError(f"{notebook.stem}: {unknown('parameter', name, parameters)}")
    return {name: _from_text(parameters[name].annotation, text) for name, text in texts.items()}
