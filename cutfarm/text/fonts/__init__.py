"""The fonts that captions are drawn with: where they lie, what each has, which stands in for which."""
