from house import desk, house, knowledge, vectors
from toys import shipped, tokens

__all__ = ["desk", "house", "knowledge", "shipped", "tokens", "vectors"]
