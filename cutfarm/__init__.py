"""The renderer of CapCut / JianYing drafts, a library and the command `cutfarm`; it needs no Ray and no server."""

__version__ = "0.1.0"
