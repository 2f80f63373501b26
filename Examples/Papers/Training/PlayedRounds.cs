using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>A round that was played: its plan, at what it cost.</summary>
internal sealed record PlayedRound(Plan Plan, ResourceView World);

/// <summary>Plays rounds of split training by the cost model: a planner sees what the round before has shown, and plans the next.</summary>
/// <remarks>A round begins with a probe of the links and ends with the next plan, as in the code of FedAdapt and ARES.</remarks>
internal static class PlayedRounds
{
    /// <summary>Plays rounds.</summary>
    internal static ImmutableArray<PlayedRound> Play(
        LayerCosts model, Objective objective, Planner planner, int rounds, Func<int, double, ResourceView> world, Plan? first = null,
        Func<ResourceView, ResourceView>? estimate = null)
    {
        var (played, elapsed) = (ImmutableArray.CreateBuilder<PlayedRound>(), 0.0);
        var plan = first ?? planner.Plan(model, Estimated(world(0, 0)), objective);
        for (var round = 0; round < rounds; round++)
        {
            var now = world(round, elapsed);
            var run = PlanValue.Under(plan, model, now, objective)
                ?? throw new InvalidOperationException($"expected a plan that can run, got {plan}");
            played.Add(new(run, now));
            elapsed += run.Seconds;
            plan = planner.Plan(model, Estimated(Seen(now, run)), objective);
        }

        return played.ToImmutable();

        ResourceView Estimated(ResourceView view) => estimate is null ? view : estimate(view);
    }

    /// <summary>Seconds of all rounds.</summary>
    internal static double Seconds(this ImmutableArray<PlayedRound> rounds) => rounds.Sum(static round => round.Plan.Seconds);

    /// <summary>Joules of all rounds.</summary>
    internal static double Joules(this ImmutableArray<PlayedRound> rounds) => rounds.Sum(static round => round.Plan.Joules);

    private static ResourceView Seen(ResourceView world, Plan run) => world with
    {
        Current = run,
        Nodes = [.. world.Nodes.Select(node => run.RouteOf(node.Name) is { } route
            ? node with { LastSeconds = route.Cost.BatchSeconds }
            : node)],
    };
}
