"""What comes in: texts of one's own, candidates for coding, new countries and notebooks."""
