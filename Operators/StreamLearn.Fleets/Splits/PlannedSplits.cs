using StreamLearn.Planning;

namespace StreamLearn.Fleets;

/// <summary>A plan for a fleet, and what it was made of. Immutable.</summary>
/// <param name="Plan">Where the layers of each device run.</param>
/// <param name="View">What was known.</param>
/// <param name="Local">The same fleet with all layers on the devices: what the plan saves is the difference.</param>
/// <param name="Why">What made it necessary: a device that joined, a round, a link that changed.</param>
/// <param name="At">When.</param>
public sealed record PlannedSplits(Plan Plan, ResourceView View, Plan Local, string Why, DateTimeOffset At) : ISized, IReplaceable
{
    /// <inheritdoc />
    public long SizeBytes => 64 + (512L * Plan.Routes.Length);

    /// <inheritdoc />
    public string ReplacementKey => "plan";

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Why}: {string.Join(", ", Plan.Routes.Select(static r => $"{r.Device} {r.Split}"))}; a round {Plan.Seconds:0.###} s of {Local.Seconds:0.###} s");
}
