using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Why an item got the answer that it got.</summary>
public enum CascadeOutcome
{
    /// <summary>The tier was sure enough.</summary>
    Sure,

    /// <summary>The next tier knew better.</summary>
    Better,

    /// <summary>The next tier was less sure, so the own answer stayed.</summary>
    Kept,

    /// <summary>An earlier answer of a higher tier to the same or a very similar question.</summary>
    Cached,

    /// <summary>It may not leave, so the own answer stayed.</summary>
    Private,

    /// <summary>No token was left.</summary>
    NoBudget,

    /// <summary>The next tier has not answered lately.</summary>
    Unhealthy,

    /// <summary>The next tier did not answer in time.</summary>
    Deadline,

    /// <summary>Too many items waited.</summary>
    Full,
}
