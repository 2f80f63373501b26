using System.Collections.Concurrent;
using System.Collections.Immutable;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>Plain federated averaging, the best common split and ARES on one fleet, each run until it has learned.</summary>
internal static class FleetFigures
{
    /// <summary>Rounds after which a fleet that has not learned is given up.</summary>
    internal const int MaxRounds = 200;

    internal const string Plain = "plain FedAvg";
    internal const string Common = "best common split";
    internal const string Ares = "ARES";

    /// <summary>The rows of the table; the first is plain federated averaging.</summary>
    internal static ImmutableArray<FleetRow> Of(
        FleetSetup setup, double alpha, Action<string, int, FleetPoint> onRound, CancellationToken cancellationToken = default)
    {
        var plans = Plans(setup, alpha, cancellationToken);
        var judge = new FleetJudge(setup.Network, setup.Rows.Judges);
        var runs = Each(plans.DistinctBy(plan => plan.Key(setup.Costs.Count)), setup, plan =>
        {
            var round = 0;
            return new PlannedRun(setup, plan).Play(
                MaxRounds, judge, point => onRound($"{plan.Name}, {plan.Boundary.Name}", ++round, point), cancellationToken);
        }, cancellationToken);
        return [.. plans.Select(plan => FleetRow.Of(setup, plan, runs[plan.Key(setup.Costs.Count)]))];
    }

    /// <summary>The plans that are compared.</summary>
    internal static ImmutableArray<FleetPlan> Plans(FleetSetup setup, double alpha, CancellationToken cancellationToken = default)
    {
        var plans = ImmutableArray.CreateBuilder<FleetPlan>();
        plans.Add(setup.Plan(Plain, FixedSplit.All, BoundaryForm.Float32, alpha));
        foreach (var boundary in (BoundaryForm[])[BoundaryForm.Float32, BoundaryForm.EightBit])
        {
            plans.Add(BestCommon(setup, boundary, alpha, cancellationToken));
            plans.Add(setup.Plan(Ares, new AresJoint(), boundary, alpha));
        }

        return plans.ToImmutable();
    }

    /// <summary>The best split that all devices can have in common: a round is run with each of them, and measured.</summary>
    internal static FleetPlan BestCommon(
        FleetSetup setup, BoundaryForm boundary, double alpha, CancellationToken cancellationToken = default)
    {
        var layers = setup.Costs.Count;
        var plans = Enumerable.Range(FleetSetup.MinLayers, layers + 1 - FleetSetup.MinLayers)
            .Select(split => setup.Plan(Common, new FixedSplit(split), boundary, alpha)).ToList();
        var rounds = Each(
            plans, setup, plan => new PlannedRun(setup, plan).Play(1, cancellationToken: cancellationToken), cancellationToken);
        var local = Row(plans[^1]);
        return plans.MinBy(plan => Row(plan).ValueAgainst(local, alpha))!;

        FleetRow Row(FleetPlan plan) => FleetRow.Of(setup, plan, rounds[plan.Key(layers)]);
    }

    /// <summary>Runs each plan, several at a time: they have nothing in common that changes.</summary>
    private static ConcurrentDictionary<string, ImmutableArray<FleetPoint>> Each(IEnumerable<FleetPlan> plans, FleetSetup setup,
        Func<FleetPlan, ImmutableArray<FleetPoint>> run, CancellationToken cancellationToken)
    {
        var runs = new ConcurrentDictionary<string, ImmutableArray<FleetPoint>>(StringComparer.Ordinal);
        Parallel.ForEach(plans, new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            plan => runs[plan.Key(setup.Costs.Count)] = run(plan));
        return runs;
    }
}
