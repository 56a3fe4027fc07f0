"""Taking work out of the project and back: other programs' coding projects, and archives.

`codes` says which codes a coder uses, `held` which words of a text go into a file and where they
stand there, `qdpx` writes project and codebook by the REFI-QDA standard. The way back: `reading`
reads such a file that may come from anywhere, `alignment` finds its words in our texts, `coder`
makes a coder's table of its codings. `archive` packs the whole project for a repository. `zipped`
and `place` write: the same input gives the same bytes, and all of a file or nothing.
"""
