"""What each command of `cutfarm` does, one module a command; `cutfarm.cli` imports one when it runs."""
