"""Tensors in, tensors out: geometry, colour, blending and sound. No file, clock, environment or draft is known here."""
