"""Rules on NGOs in Kazakhstan, and in Russia beside it: texts, evidence, analyses, reports."""
