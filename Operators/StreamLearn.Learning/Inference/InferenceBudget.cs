namespace StreamLearn.Learning;

/// <summary>An event to which early exits react.</summary>
public enum InferenceEvent
{
    /// <summary>No event: the message only sets the budget.</summary>
    None,

    /// <summary>A queue is full or credit is used up: selects the cheapest choice.</summary>
    QueueFull,

    /// <summary>The stream has drifted: selects the most accurate choice.</summary>
    DriftAlarm,
}

/// <summary>Control message that sets the cost budget of <c>Infer</c> or reports an event. Immutable.</summary>
public sealed record InferenceBudget
{
    /// <summary>Average budget of multiply-adds a row, above 0; null keeps it.</summary>
    public double? MultiplyAddsPerRow
    {
        get;
        init => field = value is null or (> 0 and < double.PositiveInfinity)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerRow), value, "expected a budget above 0");
    }

    /// <summary>The event; default none. The budget continues from the choice that it selects.</summary>
    public InferenceEvent Event { get; init; }
}
