namespace StreamLearn.Nodes;

/// <summary>A pipeline of shards in which micro-batches circulate; each round produces a token.</summary>
/// <remarks> A stage, node or link, serves one micro-batch at a time, in order of arrival. With bubbles, the next token waits until all
/// micro-batches have finished; without bubbles, each begins its next token at once. Source: Zhang et al. (2025), EdgeShard. </remarks>
/// <param name="StageSeconds">Seconds that a micro-batch takes in each stage: a node, its link, and so on to the link for answers; 0 or
/// more, not all 0.</param>
public sealed record ShardSchedule(ImmutableArray<double> StageSeconds)
{
    /// <summary>Seconds that a micro-batch takes through all stages.</summary>
    public double Latency => StageSeconds.Sum();

    /// <summary>Seconds that it takes in the slowest stage.</summary>
    public double Slowest => StageSeconds.Max();

    /// <summary>Returns a route's stages.</summary>
    /// <param name="route">The route, with layers.</param>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Nodes and links.</param>
    /// <param name="objective">The micro-batch.</param>
    public static ShardSchedule Of(Route route, LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(view);
        if (route.Ranges.IsDefaultOrEmpty) { throw new ArgumentException($"expected a route with layers, got {route}", nameof(route)); }
        var costs = new ShardCosts(model, view, objective, view.Node(route.Device));
        var (stages, before) = (ImmutableArray.CreateBuilder<double>(), costs.Source);
        foreach (var range in route.Ranges)
        {
            var node = view.Nodes.IndexOf(view.Node(range.Node));
            if (node != before) { stages.Add(costs.Crossing(range.First, before, node)); }
            stages.Add(costs.Seconds(range.First, range.End, node));
            before = node;
        }

        stages.Add(costs.Crossing(model.Count, before, costs.Source));
        return new(stages.ToImmutable());
    }

    /// <summary>Returns the number of tokens per second in the long run.</summary>
    /// <param name="microBatches">Micro-batches in flight, at least 1.</param>
    /// <param name="hasBubbles">True: a token waits until all micro-batches have finished the previous one.</param>
    /// <returns>With bubbles, B / (latency + (B − 1) · slowest); without, the lesser of 1 / slowest and B / latency.</returns>
    public double TokensPerSecond(int microBatches, bool hasBubbles = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatches, 1);
        return hasBubbles ? microBatches / (Latency + ((microBatches - 1) * Slowest)) : Math.Min(1 / Slowest, microBatches / Latency);
    }

    /// <summary>Simulates the pipeline event by event.</summary>
    /// <param name="microBatches">Micro-batches, at least 1.</param>
    /// <param name="tokens">Tokens per micro-batch, at least 1.</param>
    /// <param name="hasBubbles">True: a token waits until all micro-batches have finished the previous one.</param>
    /// <returns>Seconds until the last token returns.</returns>
    public double Play(int microBatches, int tokens, bool hasBubbles = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        var (arrivals, free) = (new PriorityQueue<(int Token, int Stage), (double At, int Order)>(), new double[StageSeconds.Length]);
        var (order, finished, now) = (0, new int[tokens], 0.0);
        for (var i = 0; i < microBatches; i++) { Arrive(0, 0, 0); }
        while (arrivals.TryDequeue(out var next, out var time))
        {
            now = Math.Max(now, time.At);
            if (next.Stage < StageSeconds.Length)
            {
                Arrive(next.Token, next.Stage + 1, free[next.Stage] = Math.Max(time.At, free[next.Stage]) + StageSeconds[next.Stage]);
                continue;
            }

            var isLast = ++finished[next.Token] == microBatches;
            if (next.Token + 1 == tokens) { continue; }
            for (var i = hasBubbles ? isLast ? microBatches : 0 : 1; i > 0; i--) { Arrive(next.Token + 1, 0, time.At); }
        }

        return now;

        void Arrive(int token, int stage, double at) => arrivals.Enqueue((token, stage), (at, order++));
    }

    /// <inheritdoc />
    public bool Equals(ShardSchedule? other) => other is not null && StageSeconds.AsSpan().SequenceEqual(other.StageSeconds.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(StageSeconds.Length, Latency);
}
