namespace StreamLearn;

/// <summary>Something private would go further than its label allows.</summary>
/// <param name="column">The column it stands in; null: the message itself is private.</param>
/// <param name="label">How far it may go.</param>
/// <param name="edge">What it would cross: the publication and its transport.</param>
/// <param name="carries">The most private that may go there.</param>
public sealed class PrivacyException(string? column, PrivacyLabel label, string edge, PrivacyLabel carries)
    : Exception($"expected at most {carries} on {edge}, got {(column is null ? "a message" : $"column '{column}'")} that is {label}: "
        + "redact it, or set PublicationOptions.Carries")
{
    /// <summary>The column it stands in; null: the message itself is private.</summary>
    public string? Column { get; } = column;

    /// <summary>How far it may go.</summary>
    public PrivacyLabel Label { get; } = label;

    /// <summary>What it would cross.</summary>
    public string Edge { get; } = edge;
}
