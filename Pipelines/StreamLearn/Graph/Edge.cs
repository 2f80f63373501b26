namespace StreamLearn;

/// <summary>A bounded queue between two blocks.</summary>
internal sealed record Edge(int From, int Port, int To, bool IsControl, EdgeOptions Options)
{
    /// <summary>Index in the pipeline; edges between the same blocks may otherwise be equal.</summary>
    internal int Index { get; init; }

    internal Action<Operator, object>? Control { get; init; }

    /// <summary>True if a subscription sends: oversized outside messages are dropped and stop no run.</summary>
    internal bool IsFromOutside { get; init; }

    /// <summary>True if it leads to an operator's second data input.</summary>
    public bool IsSecond { get; init; }

    public bool Equals(Edge? other) =>
        other is not null && (From, Port, To, IsControl, IsSecond) == (other.From, other.Port, other.To, other.IsControl, other.IsSecond)
        && Options == other.Options;

    public override int GetHashCode() => HashCode.Combine(From, Port, To, IsControl);
}
