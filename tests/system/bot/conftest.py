from house import desk, house, knowledge, vectors

__all__ = ["desk", "house", "knowledge", "vectors"]
