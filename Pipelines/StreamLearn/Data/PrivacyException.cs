namespace StreamLearn;

/// <summary>Private data would be sent further than its label allows.</summary>
internal sealed class PrivacyException(string? column, PrivacyLabel label, string edge, PrivacyLabel carries)
    : Exception($"expected at most {carries} on {edge}, got {(column is null ? "a message" : $"column '{column}'")} that is {label}: "
        + "redact it, or set PublicationOptions.Carries")
{
    /// <summary>The private column; null: the message itself is private.</summary>
    public string? Column { get; } = column;

    public PrivacyLabel Label { get; } = label;

    public string Edge { get; } = edge;
}
