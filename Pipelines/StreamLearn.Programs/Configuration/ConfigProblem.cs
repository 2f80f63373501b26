namespace StreamLearn.Programs;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Origin">Where.</param>
/// <param name="Text">What was expected, and what came.</param>
public sealed record ConfigProblem(ConfigOrigin Origin, string Text)
{
    /// <summary>The problem as a line: <c>file:line:column: text</c>.</summary>
    public override string ToString() => $"{Origin}: {Text}";
}
