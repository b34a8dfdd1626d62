from house import house, knowledge, live, vectors
from toys import shipped, tokens

__all__ = ["house", "knowledge", "live", "shipped", "tokens", "vectors"]
