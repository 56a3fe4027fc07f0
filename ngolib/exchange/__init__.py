"""Taking work out of the project and back: other programs' coding projects, and archives."""
