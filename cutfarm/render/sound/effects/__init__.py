"""What sound effects do to a sound: one function for every operation that their chains are made of."""
