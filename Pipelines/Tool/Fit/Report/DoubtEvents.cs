namespace Tool;

/// <summary>A reason to doubt the result of a mode.</summary>
internal sealed record DoubtRaised : RunEvent
{
    /// <summary><c>staleness</c>, <c>losses</c>, <c>refusals</c>, <c>connections</c> and the like.</summary>
    public required string Kind { get; init; }

    /// <summary>A sentence with the numbers behind it, without its full stop.</summary>
    public required string Text { get; init; }
}

/// <summary>The connection to the server was lost.</summary>
internal sealed record ConnectionLost : RunEvent
{
    /// <summary>The server.</summary>
    public required string Server { get; init; }

    /// <summary>Sessions that were lost within a second.</summary>
    public required int Sessions { get; init; }

    /// <summary>Why, as the first of them says.</summary>
    public required string Reason { get; init; }
}

/// <summary>All sessions are connected again.</summary>
internal sealed record ConnectionBack : RunEvent
{
    /// <summary>The server.</summary>
    public required string Server { get; init; }

    /// <summary>Seconds since the first of them was lost.</summary>
    public required double AwaySeconds { get; init; }
}
