namespace StreamLearn.Nodes;

/// <summary>Passes a setting that is in its range, and throws for another.</summary>
internal static class Bound
{
    internal static int AtLeast(int value, int min, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        return value;
    }

    internal static double Above0(double value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        return value;
    }
}
