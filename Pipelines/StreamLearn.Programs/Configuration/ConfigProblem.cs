namespace StreamLearn.Programs;

/// <summary>A configuration error.</summary>
/// <param name="Origin">The place.</param>
/// <param name="Text">Expected and actual value.</param>
internal sealed record ConfigProblem(ConfigOrigin Origin, string Text)
{
    /// <summary>Returns <c>file:line:column: text</c>.</summary>
    public override string ToString() => $"{Origin}: {Text}";
}
