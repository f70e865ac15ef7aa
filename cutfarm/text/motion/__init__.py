"""Text animations: how a piece of a caption is drawn while it comes, stays and goes."""
