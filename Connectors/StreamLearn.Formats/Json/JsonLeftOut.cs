namespace StreamLearn.Formats;

/// <summary>A path of payloads that a suggested map does not read.</summary>
/// <param name="Path">The path.</param>
/// <param name="Reason">Why not, in a few words such as <c>a text</c>.</param>
public sealed record JsonLeftOut(string Path, string Reason)
{
    /// <summary>True if only texts stand there.</summary>
    public bool IsText { get; init; }

    /// <summary>Says the path and the reason.</summary>
    public override string ToString() => $"{Path}, {Reason}";
}
