using System.Text;

namespace StreamLearn.Aggregation;

/// <summary>Who is invited to a round, as a value that prints and compares.</summary>
public abstract record Cohort
{
    /// <summary>All devices.</summary>
    public static Cohort Everyone { get; } = new EveryoneCohort();

    /// <summary>The rule.</summary>
    public abstract Select Select { get; }

    /// <summary>Devices whose updates end a round; null (default): all that were invited.</summary>
    public virtual int? Goal => null;

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected virtual bool PrintMembers(StringBuilder builder) => false;
}

/// <summary>All devices: <see cref="Selection.Everyone"/>.</summary>
public sealed record EveryoneCohort : Cohort
{
    /// <inheritdoc />
    public override Select Select => Selection.Everyone;
}

/// <summary>A number of devices: <see cref="Selection.Random"/>.</summary>
/// <param name="Count">Devices, at least 1.</param>
public sealed record RandomCohort(int Count) : Cohort
{
    /// <inheritdoc />
    public override Select Select => Selection.Random(Count);
}

/// <summary>A share of the devices: <see cref="Selection.Fraction"/>.</summary>
/// <param name="Share">The share C, above 0, at most 1.</param>
public sealed record FractionCohort(double Share) : Cohort
{
    /// <inheritdoc />
    public override Select Select => Selection.Fraction(Share);
}

/// <summary>More devices than the goal, at which a round ends: <see cref="Selection.OverSelect"/>.</summary>
/// <param name="Needed">The goal, at least 1.</param>
/// <param name="Factor">How many times the goal is invited, at least 1; default 1.3.</param>
public sealed record OverSelection(int Needed, double Factor = 1.3) : Cohort
{
    /// <inheritdoc />
    public override Select Select => Selection.OverSelect(Needed, Factor);

    /// <inheritdoc />
    public override int? Goal => Needed;
}

/// <summary>Devices of like speed: <see cref="Selection.Tiers"/>.</summary>
/// <param name="Count">Devices, at least 1.</param>
/// <param name="Tiers">Tiers, at least 1; default 5.</param>
/// <param name="ProfilingRounds">Rounds that measure a device, at least 1; default 5.</param>
public sealed record TierCohort(int Count, int Tiers = 5, int ProfilingRounds = 5) : Cohort
{
    /// <inheritdoc />
    public override Select Select => Selection.Tiers(Count, Tiers, ProfilingRounds);
}
