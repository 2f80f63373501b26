namespace StreamLearn.Compression;

/// <summary><paramref name="Above"/>: true: above the cut; false: at most the cut.</summary>
internal sealed record RuleTest(int Feature, bool Above, float Cut)
{
    public bool Holds(ReadOnlySpan<float> row) => Above ? row[Feature] > Cut : row[Feature] <= Cut;

    public override string ToString() => FormattableString.Invariant($"x{Feature} {(Above ? ">" : "<=")} {Cut}");
}

/// <summary>A conjunction of tests, ordered by feature and cut. Without tests, it always holds.</summary>
internal sealed record OrderedRule(ImmutableArray<RuleTest> Tests, int Class)
{
    public bool Covers(ReadOnlySpan<float> row)
    {
        foreach (var test in Tests)
        {
            if (!test.Holds(row)) { return false; }
        }

        return true;
    }

    public bool Equals(OrderedRule? other) =>
        other is not null && Class == other.Class && Tests.AsSpan().SequenceEqual(other.Tests.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Class, Tests.Length);

    public override string ToString() => $"if {(Tests.IsEmpty ? "true" : string.Join(" and ", Tests))} then {Class}";
}

/// <summary>Ordered rules. The first rule that covers a row decides; the last covers every row.</summary>
public sealed record RuleList
{
    internal RuleList(ImmutableArray<OrderedRule> rules) => Rules = rules;

    internal ImmutableArray<OrderedRule> Rules { get; }

    /// <summary>Learns rules (CN2). Cost: rows × features × cuts per condition of the star.</summary>
    /// <remarks>Specializes the best conditions by one test at a time. The best significant condition by Laplace's estimate (n_c + 1) / (n
    /// + k) becomes a rule, and its rows are removed. On a tie, the larger coverage wins, then the first found. The last rule predicts the
    /// majority class. Source: Clark, Niblett (1989); Clark, Boswell (1991), the estimate.</remarks>
    /// <param name="rows">The features, <c>[rows, features]</c>.</param>
    /// <param name="labels">A class per row, at least one.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="starWidth">Conditions specialized at a time, at least 1; default 5.</param>
    /// <param name="minSignificance">Significance 2 Σ f ln(f / e) that a rule must exceed, at least 0; default 6.63, 1 % with two
    /// classes.</param>
    /// <param name="maxCuts">Maximum cuts per feature, at evenly spaced ranks. At least 1; default 16.</param>
    /// <param name="maxTests">Maximum tests per rule. At least 1; default 6.</param>
    /// <exception cref="ArgumentException">A setting, a label or a length is out of range.</exception>
    public static RuleList Learn(ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, int classes, int starWidth = 5,
        double minSignificance = 6.63, int maxCuts = 16, int maxTests = 6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(starWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCuts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (!(minSignificance >= 0)) { throw new ArgumentException($"expected a significance of at least 0, got {minSignificance}"); }
        if (labels.IsEmpty || rows.IsEmpty || rows.Length % labels.Length != 0)
        {
            throw new ArgumentException($"expected the same number of features for each of {labels.Length} rows, got {rows.Length}");
        }

        foreach (var label in labels)
        {
            if ((uint)label >= (uint)classes) { throw new ArgumentException($"expected a class below {classes}, got {label}"); }
        }

        return new RuleLearner(rows.ToArray(), labels.ToArray(), classes, starWidth, minSignificance, maxCuts, maxTests).Learn();
    }

    /// <summary>Classifies a row.</summary>
    public int ClassOf(ReadOnlySpan<float> row)
    {
        foreach (var rule in Rules)
        {
            if (rule.Covers(row)) { return rule.Class; }
        }

        return Rules[^1].Class;
    }

    /// <inheritdoc />
    public bool Equals(RuleList? other) => other is not null && Rules.AsSpan().SequenceEqual(other.Rules.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Rules.Length, Rules[0]);

    /// <inheritdoc />
    public override string ToString() => string.Join("; ", Rules);
}
