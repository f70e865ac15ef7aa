"""How the glyphs of a caption are painted: fills, strokes, shadows, glows and boxes, by Skia."""
