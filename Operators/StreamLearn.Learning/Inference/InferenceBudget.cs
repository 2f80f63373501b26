namespace StreamLearn.Learning;

/// <summary>What has happened to a device that its early exits should answer to.</summary>
public enum InferenceEvent
{
    /// <summary>Nothing but the budget.</summary>
    None,

    /// <summary>A queue is full or credit is used up: it goes to the cheapest choice.</summary>
    QueueFull,

    /// <summary>The stream has changed: it goes to the most accurate choice.</summary>
    DriftAlarm,
}

/// <summary>Tells <c>Infer</c> what a row may cost from now on, or what has happened: a control message. Immutable.</summary>
public sealed record InferenceBudget
{
    /// <summary>Multiply-adds of a row to stay within on average, above 0; null leaves the budget as it is.</summary>
    public double? MultiplyAddsPerRow
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerRow), value, "expected a budget above 0");
    }

    /// <summary>What has happened; default nothing. The budget goes on from the choice that it leads to.</summary>
    public InferenceEvent Event { get; init; }
}
