using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>The test bed of EdgeShard: twelve AGX Orin, two Orin NX, and a server that is far from the source.</summary>
internal static class ShardTestBed
{
    /// <summary>The name of the server.</summary>
    internal const string Server = "server";

    private const double AloneSeconds = .14034;             // of a token on an AGX Orin, as published
    private const double ServerSpeed = 4.5;
    private const int Blocks = 32;
    private const double Gigabyte = 1e9;

    /// <summary>A token at a time, 16 bits a value: 65 kbit between blocks.</summary>
    internal static Objective Token { get; } = new() { Work = PlannedWork.Inference, BatchRows = 1, BytesPerValue = 2 };

    /// <summary><c>transformer-toy</c> with the size of Llama2-7B: 32 equal blocks of 4096 values, of 0.875 GB each; a token comes
    /// out.</summary>
    internal static LayerCosts Model { get; } = Of(Blocks, 7_000_000_000);

    /// <summary>Equal blocks that share parameters.</summary>
    internal static LayerCosts Of(int blocks, long parameters) => new(1,
    [
        .. Enumerable.Range(0, blocks).Select(i => new LayerCost(
            "block", i == blocks - 1 ? 1 : 4096, parameters / blocks, 2 * parameters / blocks, parameters / blocks)),
    ]);

    /// <summary>Fifteen devices; links carry 50 Mbit/s ± 20 % by chance, that between the source and the server 1 Mbit/s.</summary>
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
