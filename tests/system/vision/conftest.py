from toys import one_thread, shipped, tiny, tokens

__all__ = ["one_thread", "shipped", "tiny", "tokens"]
