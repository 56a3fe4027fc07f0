"""Which of our codes a code of a file is."""

from __future__ import annotations

from ngolib.exchange.codes import YES, Code, Codebook
from ngolib.exchange.reading import Given, GivenCode


def _plain(name: str) -> str:
    """Return a name without what programs change: case, blanks and underscores."""
    return " ".join(name.casefold().replace("_", " ").split())


class Names:
    """Which of our codes a code of the file is: by GUID, by name and group, or by name alone."""

    def __init__(self, codebook: Codebook, given: Given) -> None:
        self.given = given.codes
        self.many = {group.column for group in codebook if group.many}
        self._by_guid = {code.guid: code for code in codebook.codes}
        self._by_name = {_plain(code.name): code for code in codebook.codes}
        self._in_group = {
            (_plain(top), _plain(own)): code
            for group in codebook
            for code in group.codes
            for top in (group.name, group.column)
            for own in (code.value, code.label)
        }
        alone: dict[str, set[Code]] = {}
        for code in codebook.codes:
            for own in (code.value, code.label):
                alone.setdefault(_plain(own), set()).add(code)
        # `yes` says nothing without its group.
        self._alone = {
            own: next(iter(codes))
            for own, codes in alone.items()
            if len(codes) == 1 and own != YES and not own.isdecimal()
        }

    def find(self, guid: str) -> Code | None:
        """Return our code; None if the file's code is none of ours."""
        if guid in self._by_guid:
            return self._by_guid[guid]
        code = self.given.get(guid)
        return None if code is None else self._by_words(code)

    def _by_words(self, code: GivenCode) -> Code | None:
        own = _plain(code.name)
        if own in self._by_name:
            return self._by_name[own]
        above = ((_plain(parent), own) for parent in code.parents)
        inside = next((self._in_group[key] for key in above if key in self._in_group), None)
        return inside or self._alone.get(own)

    def name(self, guid: str) -> str:
        """Return the name of a code of the file."""
        return self.given[guid].name if guid in self.given else guid
