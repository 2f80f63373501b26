namespace StreamLearn.Compression;

/// <summary>How rules are learned.</summary>
public sealed record RuleOptions
{
    /// <summary>Conditions that are made more special at a time. At least 1; default 5.</summary>
    public int StarWidth { get; init; } = 5;

    /// <summary>What 2 Σ f ln(f / e) must exceed for a rule to be no chance, at least 0; default 6.63, 1 % with two classes.</summary>
    public double MinSignificance { get; init; } = 6.63;

    /// <summary>Cuts of a feature, at evenly spaced ranks where it has more values. At least 1; default 16.</summary>
    public int MaxCuts { get; init; } = 16;

    /// <summary>Tests of a rule. At least 1; default 6.</summary>
    public int MaxTests { get; init; } = 6;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(StarWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCuts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTests, 1);
        if (!(MinSignificance >= 0)) { throw new ArgumentException($"expected a significance of at least 0, got {MinSignificance}"); }
    }
}
