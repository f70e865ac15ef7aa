"""The renderer of CapCut / JianYing drafts, as a library and as the command `cutfarm`; it needs no Ray and no server."""

__version__ = "0.1.0"
