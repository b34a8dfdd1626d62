from house import vectors

__all__ = ["vectors"]
