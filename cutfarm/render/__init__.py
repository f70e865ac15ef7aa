"""Timeline × kernels × media: frames, chunks, the sound, the joined file, and a whole job in one process."""
