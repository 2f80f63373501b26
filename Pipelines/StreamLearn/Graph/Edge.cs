namespace StreamLearn;

internal sealed record Edge(int From, int Port, int To, bool IsControl, EdgeOptions Options)
{
    /// <summary>Index in the pipeline, because edges between the same blocks may otherwise be equal.</summary>
    internal int Index { get; init; }

    internal Action<Operator, object>? Control { get; init; }

    /// <summary>True if the sender is a subscription: oversized messages from outside are then dropped and do not stop the run.</summary>
    internal bool IsFromOutside { get; init; }

    /// <summary>True if the edge leads to the second data input of an operator.</summary>
    public bool IsSecond { get; init; }

    public bool Equals(Edge? other) =>
        other is not null && (From, Port, To, IsControl, IsSecond) == (other.From, other.Port, other.To, other.IsControl, other.IsSecond)
        && Options == other.Options;

    public override int GetHashCode() => HashCode.Combine(From, Port, To, IsControl);
}
