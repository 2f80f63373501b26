using System.Collections.Concurrent;

namespace Papers;

/// <summary>Results of a plan, at the round that reached the target, or at the last one.</summary>
internal sealed record FleetRow(FleetPlan Plan, ImmutableArray<int> KindSplits, int Rounds, bool IsReached, FleetPoint Point)
{
    internal double TimeAgainst(FleetRow other) => (Point.At / other.Point.At) - 1;

    internal double EnergyAgainst(FleetRow other) => (Point.Joules / other.Point.Joules) - 1;

    /// <summary>Returns alpha · T / T₀ + (1 − alpha) · E / E₀, where T₀ and E₀ are those of another row.</summary>
    internal double ValueAgainst(FleetRow other, double alpha) => 1 + (alpha * TimeAgainst(other)) + ((1 - alpha) * EnergyAgainst(other));
}

/// <summary>Compares plain federated averaging, the best common split and ARES on one fleet, each run until it has learned.</summary>
internal static class FleetFigures
{
    internal const string Plain = "plain FedAvg", Common = "best common split", Ares = "ARES";
    private const int MaxRounds = 200;          // limit for fleets that do not learn

    internal static ImmutableArray<FleetRow> Of(FleetSetup setup, double alpha, CancellationToken cancellationToken = default)
    {
        var judge = new FleetJudge(setup.Network, setup.Rows.Judges);
        List<FleetPlan> plans = [setup.Plan(Plain, FixedSplit.All, BoundaryForm.Float32, alpha)];
        foreach (var boundary in (BoundaryForm[])[BoundaryForm.Float32, BoundaryForm.EightBit])
        {
            plans.AddRange([BestCommon(setup, boundary, alpha, cancellationToken), setup.Plan(Ares, new AresJoint(), boundary, alpha)]);
        }

        return Each(plans, setup, plan => new PlannedRun(setup, plan).Play(MaxRounds, judge, cancellationToken), cancellationToken);
    }

    internal static IEnumerable<string> Lines(ImmutableArray<FleetRow> rows, double alpha) => Table.Lines(
        [
            "<boundary", "<plan", .. FleetDevices.Kinds.Select(static kind => kind.Kind), "rounds", "seconds", "joules", "MB up", "MB down",
            "time", "energy", "value",
        ],
        rows.Select(row => (string[])
        [
            row == rows[0] ? "none" : row.Plan.Boundary.Name, row.Plan.Name, .. row.KindSplits.Select(static split => $"{split}"),
            $"{(row.IsReached ? "" : ">")}{row.Rounds}", Table.Text(row.Point.At.TotalSeconds, "F2"), Table.Text(row.Point.Joules, "F1"),
            Table.Text(row.Point.BytesUp / 1e6, "F1"), Table.Text(row.Point.BytesDown / 1e6, "F1"),
            Table.Text(row.TimeAgainst(rows[0]), Figure.Share), Table.Text(row.EnergyAgainst(rows[0]), Figure.Share),
            Table.Text(row.ValueAgainst(rows[0], alpha), "F3"),
        ]));

    /// <summary>Returns the best split that all devices can share: runs a round with each split and measures it.</summary>
    private static FleetPlan BestCommon(FleetSetup setup, BoundaryForm boundary, double alpha, CancellationToken cancellationToken)
    {
        List<FleetPlan> plans = [.. Enumerable.Range(FleetSetup.MinLayers, setup.Costs.Count + 1 - FleetSetup.MinLayers)
            .Select(split => setup.Plan(Common, new FixedSplit(split), boundary, alpha))];
        var rounds = Each(
            plans, setup, plan => new PlannedRun(setup, plan).Play(1, cancellationToken: cancellationToken), cancellationToken);
        return rounds.MinBy(row => row.ValueAgainst(rounds[^1], alpha))!.Plan;
    }

    /// <summary>Runs plans in parallel, since they share no mutable state. Two plans that train in the same way run once.</summary>
    private static ImmutableArray<FleetRow> Each(IReadOnlyCollection<FleetPlan> plans, FleetSetup setup,
        Func<FleetPlan, ImmutableArray<FleetPoint>> run, CancellationToken cancellationToken)
    {
        var runs = new ConcurrentDictionary<string, ImmutableArray<FleetPoint>>(StringComparer.Ordinal);
        Parallel.ForEach(plans.DistinctBy(KeyOf),
            new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            plan => runs[KeyOf(plan)] = run(plan));
        return [.. plans.Select(plan => RowOf(plan, runs[KeyOf(plan)]))];

        string KeyOf(FleetPlan plan) => plan.Key(setup.Costs.Count);

        FleetRow RowOf(FleetPlan plan, ImmutableArray<FleetPoint> points)
        {
            var reached = PlannedRun.ReachedAt(points, setup.Rows.Target);
            var at = reached ?? points.Length - 1;
            return new(plan,
                [.. FleetDevices.Kinds.Select(kind => plan.Splits[setup.Devices.ToList().FindIndex(d => d.Kind == kind.Kind)])],
                at + 1, reached is not null, points[at]);
        }
    }
}
