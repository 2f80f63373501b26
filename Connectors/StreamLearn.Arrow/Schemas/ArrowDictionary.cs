namespace StreamLearn.Arrow;

/// <summary>Says that a column has the places of its values in a dictionary.</summary>
/// <param name="Id">The dictionary; columns with the same one share it.</param>
/// <param name="Places">The kind of the places, an integer; default int32.</param>
/// <param name="Ordered">True if the order of the entries means something.</param>
public sealed record ArrowDictionary(long Id, ArrowKind Places = ArrowKind.Int32, bool Ordered = false);
