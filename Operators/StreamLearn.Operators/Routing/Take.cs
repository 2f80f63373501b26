using System.Globalization;

namespace StreamLearn.Operators;

public static partial class OperatorFlowExtensions
{
    /// <summary>Passes on the first messages of a flow, and ends then: what they come from ends too, unless somebody else
    /// listens.</summary>
    /// <remarks>
    /// Shape: unchanged. State: a count. Cost: none. Emits: the same message. Drops: none; what comes after the last one is not taken.
    /// Source: take of the dataflow vocabulary, Akidau et al. (2015).
    /// </remarks>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="count">How many. Messages, at least 1; default 1.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Flow<T> Take<T>(this Flow<T> flow, int count = 1, string name = "take")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return flow.Via(name, new TakeOptions(count),
            static (TakeOptions options, OperatorContext _, IOutput<T> output) => new Take<T>(options.Count, output));
    }
}

/// <summary>How many messages are taken.</summary>
internal sealed record TakeOptions(int Count) : IBlockOptions
{
    public string State => "how many are to come";

    public long StateBytes(Schema? input) => sizeof(int);

    public override string ToString() => Count.ToString(CultureInfo.InvariantCulture);
}

internal sealed class Take<T>(int count, IOutput<T> output) : Operator<T>, IStateful
    where T : class
{
    private int _left = count;

    public override bool Ready => _left > 0;

    public string StateFormat => "take/1";

    public override void Process(T input)
    {
        _left--;
        output.Emit(input);
    }

    public void State(ref StateStream s) => s.Value(ref _left, 0, _left);
}
