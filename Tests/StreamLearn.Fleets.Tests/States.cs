namespace StreamLearn.Fleets.Tests;

/// <summary>States of aggregators and of their parts, without a host.</summary>
internal static class States
{
    internal delegate void Stated(ref StateStream s);

    /// <summary>Saves one part, and lets another take that up.</summary>
    internal static void Carry(Stated from, Stated to) => Take(Written(from), to);

    internal static byte[] Written(Stated state)
    {
        StateBuffer buffer = new();
        StateStream s = new(buffer);
        state(ref s);
        return buffer.Written.ToArray();
    }

    internal static void Take(ReadOnlySpan<byte> bytes, Stated state)
    {
        StateStream s = new(bytes, new(guard: true));
        state(ref s);
        Assert.True(s.HasEnded);
    }

    /// <param name="metrics">What the block counts.</param>
    /// <param name="goesOn">True: it goes on at the same moment, as in a world that is saved as a whole.</param>
    internal static OperatorContext Context(BlockMetrics? metrics = null, bool goesOn = false)
    {
        OperatorContext context = new("edge", "aggregate", seed: 1, new(guard: true), metrics ?? new("aggregate"), CancellationToken.None);
        context.Begin(OperatorProbe.Start);
        context.ResumesInPlace = goesOn;
        return context;
    }

    internal static Aggregate Aggregate(
        OperatorContext context, Strategy strategy, AggregateOptions? options = null, bool receipts = false, IModel? model = null) => new(
            new(model ?? Updates.Model, strategy, options ?? new()), context, new Nothing<Weights>(), new Nothing<Round>(),
            receipts ? new Nothing<Receipt>() : null);

    private sealed class Nothing<T> : IOutput<T>
        where T : class
    {
        public void Emit(T item)
        {
        }
    }
}
