namespace StreamLearn.Models;

/// <summary>Sizes in whole vectors.</summary>
internal static class Vectors
{
    /// <summary>Values of the widest vector.</summary>
    internal const int Lanes = 16;

    /// <summary>A number of values filled up to whole vectors of the widest kind.</summary>
    internal static int Widen(int values) => checked(values + Lanes - 1) / Lanes * Lanes;
}
