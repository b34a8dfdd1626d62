from house import house, knowledge, live, vectors

__all__ = ["house", "knowledge", "live", "vectors"]
