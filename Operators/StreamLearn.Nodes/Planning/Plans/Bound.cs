namespace StreamLearn.Nodes;

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
