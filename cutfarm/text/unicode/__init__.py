"""Facts and rules of Unicode that captions are set by: kinds of characters, line breaking, direction."""
