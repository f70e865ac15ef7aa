"""The command's own fixtures: a good draft, a place for what is written, and the command."""

from tests.commands.conftest import cutfarm, film, folder, out

__all__ = ["cutfarm", "film", "folder", "out"]
