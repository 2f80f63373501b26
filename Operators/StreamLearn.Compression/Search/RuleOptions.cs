namespace StreamLearn.Compression;

/// <summary>Settings of rule learning.</summary>
public sealed record RuleOptions
{
    /// <summary>Conditions specialized at a time, at least 1; default 5.</summary>
    public int StarWidth { get; init; } = 5;

    /// <summary>Significance 2 Σ f ln(f / e) that a rule must exceed, at least 0; default 6.63, 1 % with two classes.</summary>
    public double MinSignificance { get; init; } = 6.63;

    /// <summary>Maximum cuts per feature, at evenly spaced ranks. At least 1; default 16.</summary>
    public int MaxCuts { get; init; } = 16;

    /// <summary>Maximum tests per rule. At least 1; default 6.</summary>
    public int MaxTests { get; init; } = 6;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(StarWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCuts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTests, 1);
        if (!(MinSignificance >= 0)) { throw new ArgumentException($"expected a significance of at least 0, got {MinSignificance}"); }
    }
}
