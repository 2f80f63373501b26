namespace StreamLearn.Nodes;

/// <summary>Why an item got its answer.</summary>
public enum CascadeOutcome
{
    /// <summary>This tier was sure.</summary>
    Sure,

    /// <summary>The next tier was more confident.</summary>
    Better,

    /// <summary>The next tier was less confident.</summary>
    Kept,

    /// <summary>A cached answer to the same or a similar question.</summary>
    Cached,

    /// <summary>The question was too private to send.</summary>
    Private,

    /// <summary>No token was left.</summary>
    NoBudget,

    /// <summary>The next tier is unhealthy.</summary>
    Unhealthy,

    /// <summary>The next tier was late.</summary>
    Deadline,

    /// <summary>Too many items were pending.</summary>
    Full,
}
