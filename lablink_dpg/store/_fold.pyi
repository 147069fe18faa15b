from lablink_dpg.model.acquisition import FloatArray

VERSION: int

def fold(
    lows: FloatArray, highs: FloatArray, source_slot: int, low: FloatArray, high: FloatArray, slot: int, cells: int
) -> None:
    """As ``folding.fold_by_numpy``.

    Raises:
        ValueError: if an array is another, or too short.
    """
