from toys import on_torch, one_thread, shipped, tiny, tokens

__all__ = ["on_torch", "one_thread", "shipped", "tiny", "tokens"]
