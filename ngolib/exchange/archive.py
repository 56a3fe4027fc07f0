"""The whole project as one file for a repository: what is tracked, with metadata and checksums.

`git archive` would not do: which texts may only be quoted is said by the table of sources alone.
"""

import json
import re
import subprocess
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from html import unescape
from itertools import accumulate, chain, groupby
from pathlib import Path
from textwrap import shorten
from typing import Any

from jinja2 import Template
from pydantic import RootModel

from ngolib.checked import read_checked
from ngolib.errors import InputError
from ngolib.exchange.excerpt import WHOLE
from ngolib.project import Project
from ngolib.reading import read_bytes
from ngolib.zipped import pack, unpack

CHECKSUMS, ZENODO, ABOUT = "SHA256SUMS", ".zenodo.json", "ARCHIVE.md"
_EXECUTABLE, PIECE = "100755", 30  # letters of a text that are told again
LONGEST, MOST = 95, 0.85  # in a row (100 words), and the share of a text, as nobody quotes
_TAG, _SOFT_HYPHEN = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>]*>|\]\([^()]*\)", re.DOTALL), "\u00ad"
_IMAGES = b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8"  # how they begin
_TEMPLATE = Path(__file__).with_name("archive.md.j2")


def archive(project: Project, *, without_texts: bool = False) -> tuple[bytes, int, list[str]]:
    """Pack the tracked files: the zip file, its number of files, what its maker should know.

    They are packed as they are on disk; the same files give the same bytes. `.zenodo.json` gets
    the right of access that fits; `without_texts` leaves out what may only be quoted.
    """
    modes, remarks = _tracked(project)
    package = project.package
    files = {name: _read(project, name) for name in modes if name not in (CHECKSUMS, ABOUT)}
    kept, free = _restricted(project, files)
    public = without_texts or not kept.keys() & modes.keys()
    if public:  # also under another name
        sealed, texts = {*kept.values()}, [_pieces(files[name]) for name in kept if name in files]
        held = partial(_holds, texts=texts, pieces={*chain(*texts)})
        others = {name: content for name, content in files.items() if name not in kept}
        why = {n: _why_not(c, held, sealed) for n, c in others.items() if n not in free}
        remarks += [f"{name} {said}, and is left out." for name, said in why.items() if said]
        files = {name: content for name, content in others.items() if not why.get(name)}
    else:
        kept = {name: kept[name] for name in kept if name in files}
    files[ZENODO] = _metadata(project, public)
    template = Template(_TEMPLATE.read_text("utf-8"), trim_blocks=True, keep_trailing_newline=True)
    files[ABOUT] = template.render(package=package, kept=kept, public=public).encode()
    files = dict(sorted(files.items()))
    sums = [f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    files[CHECKSUMS] = "".join(sums).encode()
    if not public:
        said = f"It holds {len(kept)} files of texts that may only be quoted: not to be published"
        remarks.append(f"{said} (--without-texts leaves them out).")
    folder = f"{package.name or 'project'}-{package.version or '0'}"
    programs = {f"{folder}/{name}" for name, mode in modes.items() if mode == _EXECUTABLE}
    content = pack({f"{folder}/{name}": files[name] for name in files}, programs)
    return content, len(files), remarks


def _words(text: str, tags: bool = True) -> list[str]:
    """Return the words of a text, as JSON or a page may hold it; perhaps without tags and links."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    text = unicodedata.normalize("NFC", unescape(re.sub(r"\\[nrt]", " ", text)))
    text = text if tags else _TAG.sub(" ", text)
    return re.findall(r"[^\W\d_]+", text.replace(_SOFT_HYPHEN, "").casefold())


def _pieces(content: bytes) -> list[str]:
    """Return what follows each place of a text, without blanks: Word parts words anywhere."""
    own = _words(content.decode("utf-8", "replace"))
    letters, ends = "".join(own), accumulate(map(len, own), initial=0)
    return [letters[at : at + PIECE] for at in ends if at + PIECE <= len(letters) and len(own) > 7]


def _holds(own: str, texts: Iterable[Sequence[str]], pieces: Collection[str]) -> bool:
    """Say whether letters hold more of one of the texts than quotations do, if in parts."""
    found = {one for at in range(len(own)) if (one := own[at : at + PIECE]) in pieces}
    there = [[piece in found for piece in text] for text in texts if found and text]
    rows = max((sum(row) for text in there for _, row in groupby(text)), default=0)
    return rows >= LONGEST or any(sum(text) >= MOST * len(text) for text in there)


def _why_not(content: bytes, held: Callable[[str], bool], sealed: Collection[str]) -> str:
    """Say why a file, or one that is packed in it, is not to be published; nothing if it may be."""
    parts = [content]
    with suppress(InputError):  # no zip file
        parts = [*unpack("", content).values()]
    others = b"".join(part for part in parts if not part.startswith(_IMAGES))
    closed = re.search(rb"(?im)^content-transfer-encoding: *[qb]|\A\{\\rtf|\0", others)
    if closed or others.decode("utf-8", "ignore").encode() != others:
        return "cannot be looked into"  # or a zip file that may not be unpacked
    told = (text.decode("utf-8", "replace") for text in {content, *parts})  # also beside entries
    ways = ((_words(t), _words(_TAG.sub(" ", t)), _words(t, tags=False)) for t in told)
    own = {"".join(words) for way in ways for words in way}
    same = sha256(content).hexdigest() in sealed
    return "holds a text that may only be quoted" if same or any(map(held, own)) else ""


def _git(project: Project, *arguments: str) -> list[str]:
    """Return what git lists, parted by NUL; what git says instead is an `InputError`."""
    command = ["git", "-C", str(project.root), arguments[0], "-z", *arguments[1:]]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"there is no git").decode("utf-8", "replace").strip()
        known = "it is not known which files belong to the project"
        raise InputError(f"{project.root}: {known}: {said}") from None
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _tracked(project: Project) -> tuple[dict[str, str], list[str]]:
    """Return the project's files with their modes, and what is to be told of them."""
    # A line is "mode hash stage<TAB>name".
    staged = [line.split("\t", 1) for line in _git(project, "ls-files", "--stage")]
    if not staged:
        raise InputError(f"{project.root}: git knows no files of it; add and commit them first")
    changed = len(_git(project, "status", "--porcelain", "--untracked-files=no", "."))
    said = "1 file differs" if changed == 1 else f"{changed} files differ"
    told = [f"{said} from the last commit; packed as on disk."] if changed else []
    if new := _git(project, "ls-files", "--others", "--exclude-standard"):
        told.append(f"Left out, for git does not know them: {shorten(', '.join(new), 200)}")
    return {name: facts.split()[0] for facts, name in staged}, told


def _read(project: Project, name: str) -> bytes:
    if not (project.root / name).resolve().is_relative_to(project.root.resolve()):
        raise InputError(f"{name}: leads out of the project; allowed: files that lie in it")
    try:
        return read_bytes(project.root / name)
    except OSError as error:
        raise InputError(f"{name}: belongs to the project, but {error.strerror}") from error


def _restricted(project: Project, files: Mapping[str, bytes]) -> tuple[dict[str, str], set[str]]:
    """Return the texts that may not go out, with checksums, and what may, by its row or as ours."""
    table = project.read_table("sources")
    kept = table[table["redistribution"] != WHOLE]
    # A text as it was received is under the same rights.
    names = ["path", "sha256"], ["original_path", "original_sha256"]
    known = [pair for columns in names for pair in kept[columns].itertuples(index=False)]
    folder, free = project.data.relative_to(project.root).as_posix(), table.drop(kept.index)
    may = {f"{folder}/{path}" for path in [*free["path"], *free["original_path"]]}
    may |= {n for n in files if re.fullmatch(f"{folder}/coding/.*[.]csv", n)}  # quotations
    texts = [name for name in files if name.startswith(f"{folder}/sources/") and name not in may]
    found = {name: sha256(files[name]).hexdigest() for name in texts}
    return found | {f"{folder}/{path}": checksum for path, checksum in known if path}, may


def _metadata(project: Project, public: bool) -> bytes:
    """Write the metadata for Zenodo: those of the project are those of an archive with texts."""
    found = read_checked(RootModel[dict[str, Any]], project.root / ZENODO, ZENODO, InputError)[0]
    if public:
        found.pop("access_conditions", None)
        found["access_right"] = "open"
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
