"""Raw file -> labelled lines -> articles -> sentences; dates. Nothing in a raw text is changed."""
