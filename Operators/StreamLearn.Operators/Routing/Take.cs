using System.Globalization;

namespace StreamLearn.Operators;

public static partial class OperatorFlowExtensions
{
    /// <summary>Passes on the first messages of a flow, then ends it. A source without other consumers ends too.</summary>
    /// <remarks> Shape: unchanged. State: a count. Cost: none. Emits: the same message. Drops: none; later messages are not received.
    /// Source: Akidau et al. (2015), take. </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="count">Messages, at least 1; default 1.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
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

internal sealed record TakeOptions(int Count) : IBlockOptions
{
    public string State => "how many items are still to take";

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
