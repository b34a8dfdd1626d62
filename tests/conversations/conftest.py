from house import desk, house, knowledge
from toys import shipped, tokens

__all__ = ["desk", "house", "knowledge", "shipped", "tokens"]
