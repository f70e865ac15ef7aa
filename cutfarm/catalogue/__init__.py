"""What the resource ids of a draft mean to this renderer."""
