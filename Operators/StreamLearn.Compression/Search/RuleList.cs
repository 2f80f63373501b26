namespace StreamLearn.Compression;

/// <summary><paramref name="Above"/>: above the cut; false: at most the cut.</summary>
internal sealed record RuleTest(int Feature, bool Above, float Cut)
{
    public bool Holds(ReadOnlySpan<float> row) => Above ? row[Feature] > Cut : row[Feature] <= Cut;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"x{Feature} {(Above ? ">" : "<=")} {Cut}");
}

/// <summary>A conjunction of tests, ordered by feature and cut; none: always.</summary>
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

    /// <inheritdoc />
    public bool Equals(OrderedRule? other) =>
        other is not null && Class == other.Class && Tests.AsSpan().SequenceEqual(other.Tests.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Class, Tests.Length);

    /// <inheritdoc />
    public override string ToString() => $"if {(Tests.IsEmpty ? "true" : string.Join(" and ", Tests))} then {Class}";
}

/// <summary>Ordered rules; the first that covers a row decides, the last covers every row.</summary>
public sealed record RuleList
{
    internal RuleList(ImmutableArray<OrderedRule> rules) => Rules = rules;

    internal ImmutableArray<OrderedRule> Rules { get; }

    /// <summary>Learns rules (CN2). Cost: rows × features × cuts per condition of the star.</summary>
    /// <remarks>Specializes the best conditions by one test at a time. The best significant one by Laplace's estimate (n_c + 1) / (n + k)
    /// becomes a rule, and its rows are removed; ties go to the larger coverage, then the first found. The last rule is the majority
    /// class. Source: Clark, Niblett (1989); Clark, Boswell (1991), the estimate.</remarks>
    /// <param name="rows">The features, <c>[rows, features]</c>.</param>
    /// <param name="labels">A class per row, at least one.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Setting, label or length out of range.</exception>
    public static RuleList Learn(ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, int classes, RuleOptions? options = null) =>
        RuleLearner.Learn(rows, labels, classes, options);

    /// <summary>Classifies a row.</summary>
    /// <param name="row">The features.</param>
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
