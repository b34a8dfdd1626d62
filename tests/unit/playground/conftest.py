from town import bot, picture, town

__all__ = ["bot", "picture", "town"]
