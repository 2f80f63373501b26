using System.Collections.Immutable;

namespace StreamLearn.Compression;

/// <summary>A threshold test of a feature.</summary>
/// <param name="Feature">The feature, from 0.</param>
/// <param name="Above">True: above the cut; false: at most the cut.</param>
/// <param name="Cut">The cut.</param>
public sealed record RuleTest(int Feature, bool Above, float Cut)
{
    /// <summary>Tests a row.</summary>
    /// <param name="row">The features.</param>
    public bool Holds(ReadOnlySpan<float> row) => Above ? row[Feature] > Cut : row[Feature] <= Cut;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"x{Feature} {(Above ? ">" : "<=")} {Cut}");
}

/// <summary>A conjunction of tests and its class.</summary>
/// <param name="Tests">The tests, ordered by feature and cut; none: always.</param>
/// <param name="Class">The class.</param>
public sealed record OrderedRule(ImmutableArray<RuleTest> Tests, int Class)
{
    /// <summary>Returns whether a row passes all tests.</summary>
    /// <param name="row">The features.</param>
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
/// <param name="Rules">The rules, at least one.</param>
public sealed record RuleList(ImmutableArray<OrderedRule> Rules)
{
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
