"""Where every glyph of a caption goes: runs of one font, shaped, in lines, columns or arcs."""
