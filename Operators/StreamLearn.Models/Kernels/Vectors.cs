namespace StreamLearn.Models;

internal static class Vectors
{
    /// <summary>Values of the widest vector.</summary>
    internal const int Lanes = 16;

    /// <summary>Rounds up to whole vectors.</summary>
    internal static int Widen(int values) => checked(values + Lanes - 1) / Lanes * Lanes;
}
