namespace StreamLearn.Models;

/// <summary>A count as a constant of the machine code: what it rules out is compiled to nothing.</summary>
internal interface ICount
{
    static abstract int Count { get; }
}

internal readonly struct One : ICount
{
    public static int Count => 1;
}

internal readonly struct Two : ICount
{
    public static int Count => 2;
}

internal readonly struct Three : ICount
{
    public static int Count => 3;
}

internal readonly struct Four : ICount
{
    public static int Count => 4;
}

internal readonly struct Six : ICount
{
    public static int Count => 6;
}

internal readonly struct Eight : ICount
{
    public static int Count => 8;
}
