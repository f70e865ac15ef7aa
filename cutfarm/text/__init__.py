"""Captions to pictures: fonts, shaping, line layout and rasterising."""
