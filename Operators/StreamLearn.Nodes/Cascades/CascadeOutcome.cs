namespace StreamLearn.Nodes;

/// <summary>Why an item got its answer.</summary>
public enum CascadeOutcome
{
    /// <summary>The own tier was sure.</summary>
    Sure,

    /// <summary>The next tier was surer.</summary>
    Better,

    /// <summary>The next tier was less sure.</summary>
    Kept,

    /// <summary>A cached answer to the same or a similar question.</summary>
    Cached,

    /// <summary>Too private to send.</summary>
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
