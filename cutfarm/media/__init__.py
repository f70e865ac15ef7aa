"""Media files through PyAV and Pillow: probing, decoding, encoding and joining."""
