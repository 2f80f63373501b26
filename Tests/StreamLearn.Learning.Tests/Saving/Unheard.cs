namespace StreamLearn.Learning.Tests;

/// <summary>An output that nobody looks at.</summary>
internal sealed class Unheard<T> : IOutput<T>
    where T : class
{
    public void Emit(T item)
    {
    }
}

/// <summary>Contexts of operators that no host calls.</summary>
internal static class Contexts
{
    internal static OperatorContext New(BlockMetrics? metrics = null)
    {
        var context = new OperatorContext("device", "block", 1, new(), metrics ?? new("block"), default);
        context.Begin(OperatorProbe.Start);
        return context;
    }
}
