namespace StreamLearn.Nodes.Tests;

/// <summary>The program of docs/guides/parts.md in the virtual world: a node crashes in the middle, and is started again.</summary>
public sealed class PartsGuideTests
{
    private const int Images = 12;

    /// <summary>An image a second. One worker is away from the fifth to the eighth second: the first input without it waits for the
    /// deadline of 2 s; it is tried again after 10 s.</summary>
    [Fact]
    public void Every_image_is_answered_once_in_order_though_a_node_crashes_and_comes_back()
    {
        using var fleet = new PartFleet();
        using var world = new VirtualWorld(new() { Seed = 1, GuardMemory = true });
        var network = PartFleet.Network;
        var (link, answers, times) = (world.Transport("link"), new List<ulong>(), new List<double>());
        world.Add(PartsExamples.Camera("camera", network, link,
            static p => p.From("images", new Count(Images),
                static (Count count, OperatorContext context) => new Camera(count, context), PartFleet.Rows),
            batch =>
            {
                answers.Add(Batches.Hash(batch));
                times.Add(world.Elapsed.TotalSeconds);
            }));
        var workers = new[] { "pi-1", "pi-2" }.Select(n => world.Add(PartsExamples.Worker(n, network, link))).ToList();
        world.At(TimeSpan.FromSeconds(4.5), workers[1].Crash);
        world.At(TimeSpan.FromSeconds(7.5), () => workers.Add(world.Add(PartsExamples.Worker("pi-2", network, link))));

        world.RunFor(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, Images).Select(i => fleet.Whole(i)), answers);
        Assert.Equal(5 + 2, times[5], 0.1);
        Assert.All(times.Where((_, i) => i is < 5 or > 8), static t => Assert.Equal(Math.Round(t), t, 0.1));
        var served = workers.Select(static w => w.Metrics["serve-parts"].ItemsIn).ToArray();
        Assert.Equal((5, true), (served[1], served[0] > Images));        // the first one has lines of the other, too
    }

    private sealed record Count(int Images);

    private sealed class Camera(Count count, OperatorContext context) : Source<Batch>
    {
        private int _next;
        public override DateTimeOffset? NextAt => _next < count.Images ? context.Started + TimeSpan.FromSeconds(_next) : null;

        public override Batch Next()
        {
            var batch = Batches.Random(context.Pool, PartFleet.Rows, 80 * (1 + (_next % 2)), seed: _next);
            for (var i = 0; i < batch.Rows; i++) { batch["time"].Writable<long>()[i] = (_next * 1000) + i; }
            _next++;
            return batch;
        }
    }
}
