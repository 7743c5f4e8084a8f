"""Attacks on kanit as a whole: code that runs in a reader, texts that run elsewhere, archives that are bombs."""
