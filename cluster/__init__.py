"""What a farm stands on: the Ray connection, the embedded object store, the job table, metrics."""
