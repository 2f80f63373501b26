using System.Buffers.Binary;

namespace StreamLearn.Simulation.Tests;

public sealed class StressTests
{
    internal static readonly int Rounds = LongForm.IsAsked ? 5_000 : 200;
    internal static readonly string[] EdgeDrops = ["drop-oldest", "drop-newest", "replaced", "after-end"];

    [Fact]
    public void Random_fleets_lose_nothing_uncounted_and_leak_nothing()
    {
        var dropped = new HashSet<string>();
        for (var seed = 0; seed < Rounds; seed++)
        {
            using var world = Build(seed, faults: false);
            var random = new RandomStream(seed, "spans");
            for (var i = random.NextInt32(4); i > 0; i--)
            {
                world.RunFor(Ms(random.NextInt32(300)));
                foreach (var device in world.Devices) { CheckLedger(device, seed, exact: false); }
            }
            world.RunToEnd(Cancellation);

            foreach (var device in world.Devices)
            {
                Assert.Null(device.Failure);
                Assert.NotNull(device.EndedAt);
                CheckLedger(device, seed, exact: true);
                dropped.UnionWith(device.Metrics.Blocks.SelectMany(b => b.Drops.Keys));
                dropped.UnionWith(device.Metrics.Blocks.SelectMany(b => b.Counters.Keys));
            }
            CheckTopics(world, seed);
            Assert.True(world.Pool.RentedBatches == 0, $"seed {seed}: {world.Pool.RentedBatches} batches are still rented");
        }
        Assert.Superset(new HashSet<string>(["drop-oldest", "drop-newest", "replaced", "coalesced", "dice", "keep"]), dropped);
    }

    [Fact]
    public void Random_fleets_with_blocks_that_throw_end_and_leak_nothing()
    {
        var failed = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var world = Build(seed, faults: true);
            world.RunToEnd(Cancellation);
            foreach (var device in world.Devices.Where(d => d.Failure is not null))
            {
                failed++;
                Assert.Equal(device.Name, device.Failure!.Pipeline);
                Assert.Equal("fault", device.Failure.InnerException!.Message);
                Assert.Contains(device.Pipeline.Nodes, n => n.Name == device.Failure.Block);
            }
            Assert.True(world.Pool.RentedBatches == 0, $"seed {seed}: {world.Pool.RentedBatches} batches are still rented");
            world.Dispose();
        }
        Assert.True(failed > Rounds / 4, $"only {failed} devices failed");
    }

    [Fact]
    public void Random_fleets_disposed_at_any_moment_leak_nothing()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var world = Build(seed, faults: seed % 2 == 0);
            var random = new RandomStream(seed, "spans");
            world.RunFor(Ms(random.NextDouble(0, 200)));
            world.Dispose();
            Assert.True(world.Pool.RentedBatches == 0, $"seed {seed}: {world.Pool.RentedBatches} batches are still rented");
        }
    }

    internal static VirtualWorld Build(long seed, bool faults, Action<TraceEvent>? trace = null)
    {
        var random = new RandomStream(seed, "fleet");
        var world = new VirtualWorld(new() { Seed = seed, GuardMemory = true, Trace = trace });
        var air = world.Transport("air");
        var devices = 1 + random.NextInt32(3);
        for (var d = 0; d < devices; d++)
        {
            var last = d;
            var profile = new DeviceProfile
            {
                MultiplyAddsPerSecond = 1e6,
                Cores = 1 + random.NextInt32(3),
                Jitter = random.NextDouble(0, 0.5),
                LeastJitter = random.NextDouble(0.01, 1),
            };
            var link = random.NextInt32(2) == 0 ? LinkProfile.Unlimited
                : new()
                {
                    UpBitsPerSecond = 20_000,
                    DownBitsPerSecond = 40_000,
                    Delay = Ms(random.NextInt32(20)),
                    DelayDeviation = Ms(random.NextInt32(3) * 4),
                    DelayTrace = [new(Ms(30), Ms(random.NextInt32(30)))],
                    RateTrace = [new(Ms(10), 0.5), new(Ms(50), 2)],
                    Loss = random.NextInt32(2) * 0.1,
                    Outages = [new(Ms(20), Ms(40))],
                };
            world.Add(Pipeline.Define($"d{d}", p => BuildDevice(p, air, last, devices, random, faults)), profile, link);
        }
        StressLinks.Add(world, new(seed, "links"));
        return world;
    }

    /// <summary>A random graph: sources and a subscription, then blocks that each take one or two of the flows so far, with any edge
    /// policy.</summary>
    private static void BuildDevice(PipelineBuilder p, ITransport air, int device, int devices, RandomStream random, bool faults)
    {
        List<Flow<Batch>> flows = [p.Pulse(5 + random.NextInt32(40), Ms(random.NextInt32(6)), "pulse-0")];
        var used = new List<bool> { false };
        if (random.NextInt32(2) == 0) { Add(p.Pulse(random.NextInt32(30), Ms(random.NextInt32(6)), "pulse-1")); }
        // no ring
        if (random.NextInt32(2) == 0)
        {
            Add(p.Subscribe(air, device == devices - 1 ? "up/#" : $"up/{random.NextInt32(device + 1) - 1}", BatchCodec.Plain));
        }
        for (var b = random.NextInt32(7); b >= 0; b--)
        {
            var input = Bounded(Pick(), random);
            if (random.NextInt32(3) == 0) { input = input.Merge(Bounded(Pick(), random)); }
            var (cost, fails, kind) = (random.NextInt32(3) * 1_000L * random.NextInt32(8), faults && random.NextInt32(6) == 0,
                random.NextInt32(4));
            Add(input.Via($"block-{b}", new Outputs(kind == 3 ? 4 : 1), (Outputs _, OperatorContext context, IOutput<Batch> output) =>
                new Random4(kind, cost, fails, context, output)));
        }
        for (var i = 0; i < flows.Count; i++)
        {
            if (i == flows.Count - 1 && devices > 1 && device < devices - 1) { flows[i].Publish(air, $"up/{device}", BatchCodec.Plain); }
            else if (!used[i] || random.NextInt32(5) == 0)
            {
                flows[i].ForEach($"end-{i}", b =>
                Assert.False(float.IsNaN(b.Channels[0].Values<float>()[0]), "the memory had been given back"));
            }
        }

        void Add(Flow<Batch> flow)
        {
            flows.Add(flow);
            used.Add(false);
        }

        Flow<Batch> Pick()
        {
            var i = random.NextInt32(flows.Count);
            used[i] = true;
            return flows[i];
        }
    }

    private static Flow<Batch> Bounded(Flow<Batch> flow, RandomStream random) => random.NextInt32(7) switch
    {
        0 => flow.Buffer(1),
        1 => flow.Buffer(1 + random.NextInt32(3), OnFull.DropOldest),
        2 => flow.Buffer(1 + random.NextInt32(3), OnFull.DropNewest),
        3 => flow.Buffer(1, OnFull.KeepLatest),
        4 => flow.Coalesce((a, b) =>
        {
            a.Dispose();
            return b;
        }),
        5 => flow.Buffer(20, capacityBytes: 1_100),
        _ => flow,
    };

    /// <summary>What came into each block is what it took, what its edges dropped or merged, and what is queued; at most one message of
    /// each sender is in its hand.</summary>
    private static void CheckLedger(VirtualDevice device, long seed, bool exact)
    {
        foreach (var node in device.Pipeline.Nodes.Where(n => n.Input is not null))
        {
            var block = device.Metrics[node.Name];
            var edges = device.Pipeline.Edges.Zip(device.Metrics.Edges).Where(e => e.First.To == node.Index).ToList();
            var sent = edges.Sum(e => device.Metrics[device.Pipeline.Nodes[e.First.From].Name].ItemsOut);
            var queued = edges.Sum(e => e.Second.Queued);
            var ended = EdgeDrops.Sum(r => block.Drops.GetValueOrDefault(r)) + block.Counter("coalesced");
            var inHand = sent - (block.ItemsIn + ended + queued);
            var most = exact ? 0 : edges.Count * 4;
            Assert.True(inHand >= 0 && inHand <= most,
                $"seed {seed}, {device.Name}/{node.Name}: {sent} sent, {block.ItemsIn} taken, {ended} dropped or merged, {queued} queued");
            if (exact) { Assert.True(queued == 0, $"seed {seed}, {device.Name}/{node.Name}: {queued} queued at the end"); }
            if (exact && node.Name.StartsWith("block-", StringComparison.Ordinal))
            {
                Assert.Equal(block.ItemsIn, block.ItemsOut + block.Drops.GetValueOrDefault("dice"));
            }
        }
    }

    private static void CheckTopics(VirtualWorld world, long seed)
    {
        foreach (var to in world.Devices)
        {
            foreach (var node in to.Pipeline.Nodes.Where(n => n.Kind == NodeKind.Subscribe))
            {
                var filter = new Topic(node.Name["subscribe ".Length..]);
                var sent = world.Devices.Sum(d => d.Pipeline.Nodes.Where(n =>
                    n.Kind == NodeKind.Publish && filter.Matches(new Topic(n.Name["publish ".Length..])))
                        .Sum(n => d.Metrics[n.Name].ItemsIn));
                var block = to.Metrics[node.Name];
                Assert.True(sent == block.ItemsOut + block.Drops.Values.Sum(),
                    $"seed {seed}, {to.Name}/{node.Name}: {sent} sent, {block.ItemsOut} taken, {string.Join(' ', block.Drops)}");
            }
        }
    }

    /// <summary>Passes on, drops at random, holds a few back and wakes up for them, or counts; throws at random if it is to.</summary>
    private sealed class Random4(int kind, long cost, bool fails, OperatorContext context, IOutput<Batch> output)
        : Operator<Batch>, IStateful, IDisposable
    {
        private readonly Queue<Batch> _held = [];
        public string StateFormat => "random/1";
        public void State(ref StateStream s) => s.Items(_held, 4, static (ref StateStream s, ref Batch held) => held = s.Value(held)!);

        public override void Process(Batch input)
        {
            context.Charge(cost);
            if (fails && context.Random.NextInt32(20) == 0) { throw new InvalidOperationException("fault"); }
            if (kind == 1 && context.Random.NextInt32(3) == 0) { context.Drop(input, "dice"); }
            else if (kind == 3 && context.Random.NextInt32(2) == 0) { Hold(input); }
            else { output.Emit(kind == 2 ? input.ToWritable() : input); }
        }

        public override void WakeUp()
        {
            if (fails && context.Random.NextInt32(20) == 0) { throw new InvalidOperationException("fault"); }
            Complete();
        }

        public override void Complete() { while (_held.TryDequeue(out var held)) { output.Emit(held); } }
        public void Dispose() { while (_held.TryDequeue(out var held)) { held.Dispose(); } }

        private void Hold(Batch input)
        {
            context.Record("keep");
            _held.Enqueue(input);
            if (_held.Count == 4) { Complete(); }
            else { context.WakeAt(context.Now + Ms(7)); }
        }
    }

    private sealed class BatchCodec : ICodec<Batch>
    {
        private static readonly Schema Columns = new([Field.Channel("c0", Unit.One)]);
        public static BatchCodec Plain { get; } = new();
        public string Name => "batch/1";

        public void Encode(Batch value, IBufferWriter<byte> buffer)
        {
            foreach (var sample in value.Channels[0].Values<float>())
            {
                BinaryPrimitives.WriteSingleLittleEndian(buffer.GetSpan(4), sample);
                buffer.Advance(4);
            }
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
        {
            value = pool.Rent(Columns, (int)bytes.Length / 4);
            for (var row = 0; row < value.Rows; row++)
            {
                value.Channels[0].Writable<float>()[row] = BinaryPrimitives.ReadSingleLittleEndian(bytes.FirstSpan[(4 * row)..]);
            }
            return true;
        }
    }
}
