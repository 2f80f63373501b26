using System.Collections.Immutable;

namespace Partition;

/// <summary>What a plan has come to.</summary>
internal sealed record FleetRow(
    FleetPlan Plan, ImmutableArray<(string Kind, int Split)> Kinds, int Rounds, bool IsReached, FleetPoint Point)
{
    /// <summary>What a run has come to.</summary>
    internal static FleetRow Of(FleetSetup setup, FleetPlan plan, ImmutableArray<FleetPoint> points)
    {
        var reached = PlannedRun.ReachedAt(points, setup.Rows.Target);
        var at = reached ?? points.Length - 1;
        return new(plan,
            [
                .. FleetDevices.Kinds.Select(kind => (kind.Kind,
                    plan.Splits[setup.Devices.Select(static device => device.Kind).ToList().IndexOf(kind.Kind)])),
            ],
            at + 1, reached is not null, points[at]);
    }

    /// <summary>What it takes in time, against another row: 0 is as long.</summary>
    internal double TimeAgainst(FleetRow other) => (Point.At / other.Point.At) - 1;

    /// <summary>What it takes in energy, against another row: 0 is as much.</summary>
    internal double EnergyAgainst(FleetRow other) => (Point.Joules / other.Point.Joules) - 1;

    /// <summary>alpha · T / T₀ + (1 − alpha) · E / E₀, where T₀ and E₀ are those of another row.</summary>
    internal double ValueAgainst(FleetRow other, double alpha) => 1 + (alpha * TimeAgainst(other)) + ((1 - alpha) * EnergyAgainst(other));
}
