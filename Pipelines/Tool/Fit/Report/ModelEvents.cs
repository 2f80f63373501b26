namespace Tool;

/// <summary>A version in use was judged on rows that no device learned from.</summary>
internal sealed record Judged : RunEvent
{
    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>Share of rows answered with their label.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa.</summary>
    public required double Kappa { get; init; }

    /// <summary>Mean cross-entropy in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Rows answered.</summary>
    public required long Rows { get; init; }
}

/// <summary>What the last model in use answered, by label.</summary>
internal sealed record ConfusionJudged : RunEvent
{
    /// <summary>Rows by label and answer, <c>[label × classes + answer]</c>.</summary>
    public required IReadOnlyList<long> Counts { get; init; }
}

/// <summary>Early exits of the last model in use, on rows that no device learned from.</summary>
internal sealed record ExitsJudged : RunEvent
{
    /// <summary>What the thresholds are compared with: <c>entropy</c>, <c>max probability</c> or <c>margin</c>.</summary>
    public required string Measure { get; init; }

    /// <summary>The exits in order; the last is the full network.</summary>
    public required IReadOnlyList<ExitJudged> Exits { get; init; }

    /// <summary>Accuracy when no row leaves early, 0 to 1.</summary>
    public required double FullNetworkAccuracy { get; init; }

    /// <summary>Multiply-adds executed over those of the full network, 0 to 1.</summary>
    public required double MultiplyAddsFraction { get; init; }

    /// <summary>CPU time of a row through the full network, in nanoseconds; null if not measured.</summary>
    public required double? FullNanosecondsPerRow { get; init; }

    /// <summary>CPU time of a row with exits, in nanoseconds; null if not measured.</summary>
    public required double? ExitNanosecondsPerRow { get; init; }

    /// <summary>How the thresholds were chosen, in words. Default empty.</summary>
    public string Text { get; init; } = "";
}

/// <summary>One exit.</summary>
internal sealed record ExitJudged
{
    /// <summary>Rows that left here.</summary>
    public required long Rows { get; init; }

    /// <summary>Those answered with their label.</summary>
    public required long Correct { get; init; }

    /// <summary>Multiply-adds of a row that leaves here.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Threshold of the measure; null at the last exit.</summary>
    public required double? Threshold { get; init; }
}

/// <summary>The aggregator made a version.</summary>
internal sealed record VersionMade : RunEvent
{
    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>The updates in it, in the order in which they were added.</summary>
    public required IReadOnlyList<UpdateUsed> Updates { get; init; }
}

/// <summary>An update that went into a version.</summary>
internal sealed record UpdateUsed
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Its number on the device.</summary>
    public required long Sequence { get; init; }

    /// <summary>The version that it was learned from.</summary>
    public required long BaseVersion { get; init; }

    /// <summary>Versions between its base and the round.</summary>
    public required long Staleness { get; init; }

    /// <summary>What it was worth.</summary>
    public required double Weight { get; init; }

    /// <summary>Euclidean norm of its differences.</summary>
    public required double Norm { get; init; }

    /// <summary>Samples processed for it.</summary>
    public required long Samples { get; init; }
}

/// <summary>The aggregator refused updates.</summary>
internal sealed record UpdateRefused : RunEvent
{
    /// <summary>The device that they name.</summary>
    public required string Device { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How many. Default 1.</summary>
    public long Updates { get; init; } = 1;
}

/// <summary>How well the last model in use answered each person whom no device learned from.</summary>
internal sealed record PeopleJudged : RunEvent
{
    /// <summary>The people, in order.</summary>
    public required IReadOnlyList<PersonJudged> People { get; init; }
}

/// <summary>One person.</summary>
internal sealed record PersonJudged
{
    /// <summary>The person.</summary>
    public required string Name { get; init; }

    /// <summary>Rows answered.</summary>
    public required long Rows { get; init; }

    /// <summary>Those answered with their label.</summary>
    public required long Correct { get; init; }
}

/// <summary>What the same fleet came to with several seeds.</summary>
internal sealed record SeedsJudged : RunEvent
{
    /// <summary>The seeds, in order.</summary>
    public required IReadOnlyList<SeedResult> Seeds { get; init; }
}
