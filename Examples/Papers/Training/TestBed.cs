namespace Papers;

internal static class TestBed
{
    internal const string Edge = "edge";
    private const int Rows = 10_000;            // training rows per device and round
    private const double Pi4Speed = 1.9;        // speed relative to a Raspberry Pi 3, from its specification

    internal static DeviceProfile Pi4 { get; } = DeviceProfile.Pi3 with { Speed = Pi4Speed };

    internal static ImmutableArray<(string Name, DeviceProfile Profile)> FedAdapt { get; } =
        [("pi3-1", DeviceProfile.Pi3), ("pi3-2", DeviceProfile.Pi3), ("pi4-1", Pi4), ("pi4-2", Pi4), ("nano", DeviceProfile.NanoMaxn)];

    internal static ImmutableArray<(string Name, DeviceProfile Profile)> Ares { get; } =
    [
        ("pi3-1", DeviceProfile.Pi3), ("pi3-2", DeviceProfile.Pi3),
        .. Enumerable.Range(1, 3).Select(static i => ($"nano-{i}", DeviceProfile.NanoMaxn)),
    ];

    internal static ResourceView View(
        LayerCosts model, double up, double down, params ReadOnlySpan<(string Name, DeviceProfile Profile)> devices)
    {
        var (nodes, links) = (new List<NodeView>(), new List<LinkView>());
        foreach (var (name, profile) in devices)
        {
            nodes.Add(NodeView.Of(name, profile, model) with { Rows = Rows });
            links.AddRange([new(name, Edge, up), new(Edge, name, down)]);
        }

        return new([.. nodes, NodeView.Of(Edge, DeviceProfile.EdgeServer, model)], [.. links]);
    }
}

/// <summary>A simulated round: its plan, and the resources on which it ran.</summary>
internal sealed record PlayedRound(Plan Plan, ResourceView World);

/// <summary>Plays rounds of split training by the cost model: a planner sees the last round's results and plans the next.</summary>
/// <remarks>A round begins with a probe of the links and ends with the next plan, as in the code of FedAdapt and ARES.</remarks>
internal static class PlayedRounds
{
    internal static ImmutableArray<PlayedRound> Play(
        LayerCosts model, Objective objective, Planner planner, int rounds, Func<int, ResourceView> world, Plan? first = null,
        Func<ResourceView, ResourceView>? estimate = null)
    {
        estimate ??= static view => view;
        var played = ImmutableArray.CreateBuilder<PlayedRound>();
        var plan = first ?? planner.Plan(model, estimate(world(0)), objective);
        for (var round = 0; round < rounds; round++)
        {
            var now = world(round);
            var run = PlanValue.Under(plan, model, now, objective)
                ?? throw new InvalidOperationException($"expected a plan that can run, got {plan}");
            played.Add(new(run, now));
            plan = planner.Plan(model, estimate(Seen(now, run)), objective);
        }

        return played.ToImmutable();
    }

    internal static double Seconds(this ImmutableArray<PlayedRound> rounds) => rounds.Sum(static round => round.Plan.Seconds);

    internal static double Joules(this ImmutableArray<PlayedRound> rounds) => rounds.Sum(static round => round.Plan.Joules);

    private static ResourceView Seen(ResourceView world, Plan run) => world with
    {
        Current = run,
        Nodes = [.. world.Nodes.Select(node => run.RouteOf(node.Name) is { } route
            ? node with { LastSeconds = route.Cost.BatchSeconds }
            : node)],
    };
}
