namespace StreamLearn.Formats;

/// <summary>A path that a suggested map skips.</summary>
/// <param name="Path">The path.</param>
/// <param name="Reason">The reason, such as <c>a text</c>.</param>
public sealed record JsonLeftOut(string Path, string Reason)
{
    /// <summary>True if all values are texts.</summary>
    public bool IsText { get; init; }

    /// <summary>Returns path and reason.</summary>
    public override string ToString() => $"{Path}, {Reason}";
}
