"""Where bytes live: a folder or an S3 bucket, content keys, and the guarded fetch of a user's URL."""
