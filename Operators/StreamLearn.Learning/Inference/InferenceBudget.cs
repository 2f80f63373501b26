namespace StreamLearn.Learning;

/// <summary>Control message that sets the cost budget of <c>Infer</c> or reports a full queue or a drift. Immutable.</summary>
public sealed record InferenceBudget
{
    /// <summary>Average budget of multiply-adds per row, above 0; null keeps it.</summary>
    public double? MultiplyAddsPerRow
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerRow), value, "expected a budget above 0");
    }

    /// <summary>True: a queue is full or credit is used up, which selects the cheapest choice; the budget continues from it.</summary>
    public bool IsQueueFull { get; init; }

    /// <summary>True: the stream has drifted, which selects the most accurate choice; the budget continues from it.</summary>
    public bool HasDrifted { get; init; }
}
