namespace StreamLearn.Arrow;

/// <summary>Says that a column holds indices into a dictionary instead of values.</summary>
/// <param name="Id">The id of the dictionary; columns with the same id share it.</param>
/// <param name="Places">The integer kind of the indices; default int32.</param>
/// <param name="Ordered">True if the order of the entries is meaningful.</param>
public sealed record ArrowDictionary(long Id, ArrowKind Places = ArrowKind.Int32, bool Ordered = false);
