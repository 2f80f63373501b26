namespace StreamLearn.Programs;

/// <summary>A configuration error.</summary>
/// <param name="Origin">The location of the error.</param>
/// <param name="Text">Expected and actual value.</param>
internal sealed record ConfigProblem(ConfigOrigin Origin, string Text)
{
    public override string ToString() => $"{Origin}: {Text}";
}
