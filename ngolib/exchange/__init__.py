"""Taking work out of the project and back: other programs' coding projects, and archives.

`codes` says which codes a coder uses, and how a description is written, `excerpt` which words of a
text go into a file; `qdpx_write` writes project and codebook by the REFI-QDA standard. The way
back: `qdpx_read` reads such a file that may come from anywhere, `excerpt` finds its words in our
texts, `coder` makes a coder's table of its codings. `archive` packs the whole project.
"""
