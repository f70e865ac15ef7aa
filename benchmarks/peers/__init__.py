"""The same timelines for other programs: each module turns a `Film` and a window into a command."""
