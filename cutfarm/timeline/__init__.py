"""A draft as plain data: reading, time, layers, chunk planning and the report, on the standard library alone."""
