"""Analyses: pure functions, table in, table out."""
