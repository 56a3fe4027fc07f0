"""Raw file -> labelled lines -> articles -> sentences; dates. Nothing in a raw text is changed."""

from ngolib.texts.load import load_articles, load_lines, load_sentences, load_sources, read_source

__all__ = ["load_articles", "load_lines", "load_sentences", "load_sources", "read_source"]
