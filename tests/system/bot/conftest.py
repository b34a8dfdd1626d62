from house import desk, house, knowledge

__all__ = ["desk", "house", "knowledge"]
