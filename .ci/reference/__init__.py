"""Reference pages that are read off the program itself."""
