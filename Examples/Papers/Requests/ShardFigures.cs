namespace Papers;

/// <summary>The test bed of EdgeShard: twelve AGX Orin, two Orin NX, and a server with a slow link to the source.</summary>
internal static class ShardTestBed
{
    internal const string Server = "server";
    private const double AloneSeconds = .14034;             // published time per token on an AGX Orin
    private const double ServerSpeed = 4.5, Gigabyte = 1e9;

    /// <summary>One token at a time, 16 bits per value: 65 kbit between blocks.</summary>
    internal static Objective Token { get; } = new() { Work = PlannedWork.Inference, BatchRows = 1, BytesPerValue = 2 };

    /// <summary>A model of the size of Llama2-7B: 32 equal blocks of 4096 values, 0.875 GB each; the output is a token.</summary>
    internal static LayerCosts Model { get; } = Of(32, 7_000_000_000);

    internal static LayerCosts Of(int blocks, long parameters) => new(1,
    [
        .. Enumerable.Range(0, blocks).Select(i => new LayerCost(
            "block", i == blocks - 1 ? 1 : 4096, parameters / blocks, 2 * parameters / blocks, parameters / blocks)),
    ]);

    /// <summary>Links carry 50 Mbit/s, randomly varied by ± 20 %, except the one between the source and the server with 1 Mbit/s.</summary>
    internal static ResourceView View(long seed)
    {
        var random = new RandomStream(seed, "shards");
        var rate = Model.MultiplyAdds / AloneSeconds;
        ImmutableArray<NodeView> nodes =
        [
            .. Enumerable.Range(0, 12).Select(i => Node($"orin-{i}", 32, rate) with { Rows = i == 0 ? 1 : 0 }),
            Node("nx-0", 16, rate), Node("nx-1", 16, rate), Node(Server, 24, ServerSpeed * rate),
        ];
        var links =
            from i in Enumerable.Range(0, nodes.Length)
            from j in Enumerable.Range(i + 1, nodes.Length - i - 1)
            select new LinkView(nodes[i].Name, nodes[j].Name,
                i == 0 && nodes[j].Name == Server ? 1e6 : random.NextDouble(40e6, 60e6));
        return new(nodes, [.. links]);
    }

    private static NodeView Node(string name, double gigabytes, double rate) =>
        new(name) { MemoryBytes = (long)(gigabytes * Gigabyte), MultiplyAddsPerSecond = rate };
}

/// <summary>The figures of EdgeShard: shards over fifteen devices, compared with simple plans.</summary>
internal static class ShardFigures
{
    private const int MicroBatches = 32, Tokens = 96;

    internal static IEnumerable<Figure> Of(long seed)
    {
        var (model, view, token) = (ShardTestBed.Model, ShardTestBed.View(seed), ShardTestBed.Token);
        List<ShardSchedule> simple = [.. ((Planner[])
        [
            new ShardPlanner { MaxNodes = 1 }, new EvenShards([ShardTestBed.Server]),
            new ShardPlanner { MaxNodes = 2 }, new ShardPlanner(ForThroughput: true) { MaxNodes = 2 },
        ]).Select(Schedule)];
        var (latency, even) = (Schedule(new ShardPlanner()), Schedule(new EvenShards()));
        var throughput = Schedule(new ShardPlanner(ForThroughput: true));
        return
        [
            Row("latency of a token, 15 devices, best simple plan", "-50 %", "-40 %",
                (latency.Latency / simple.Min(static s => s.Latency)) - 1, Figure.Share,
                "simple: alone, two halves, best two; ours by the cost model"),
            Row("tokens a second, 15 devices, best simple plan", "2x", "1.8x",
                1 / throughput.Slowest / simple.Max(static s => 1 / s.Slowest), "0.0x",
                "ours keeps all stages full; theirs has 96 tokens and a batch"),
            Row("tokens a second, 15 devices, equal blocks on each", "", "", even.Slowest / throughput.Slowest, "0.0x",
                "two devices have three blocks each; ours two at most"),
            Row("tokens a second without bubbles, 32 micro-batches", "", "",
                throughput.Play(MicroBatches, Tokens, hasBubbles: true) / throughput.Play(MicroBatches, Tokens), "0.00x",
                "played event by event, 96 tokens"),
        ];

        ShardSchedule Schedule(Planner planner) => ShardSchedule.Of(planner.Plan(model, view, token).Routes[0], model, view, token);

        static Figure Row(string what, string published, string specified, double ours, string format, string why) =>
            new("EdgeShard", what, published, specified, ours, format, why);
    }
}
