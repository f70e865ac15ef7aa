"""The HTTP ingress: the gen_video contract, draft upload, health."""
