namespace StreamLearn.Simulation.Tests;

public sealed class MemoryLimitTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void A_pipeline_that_may_need_more_than_the_device_has_is_refused_before_it_runs()
    {
        using var world = new VirtualWorld();

        var refused = Assert.Throws<MemoryLimitException>(() => world.Add(Model(100 * MiB), new() { MemoryBytes = 64 * MiB }));

        Assert.Equal(("device", "model", 64 * MiB), (refused.Pipeline, refused.Block, refused.LimitBytes));
        Assert.InRange(refused.BlockBytes, 100 * MiB, refused.NeededBytes);
        Assert.Contains($"expected a worst case of at most 64 MiB of memory, got {Sizes(refused.NeededBytes)}", refused.Message,
            StringComparison.Ordinal);
        Assert.Contains("in block 'model'", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"worst case {Sizes(refused.NeededBytes)}: ", Model(100 * MiB).Explain(), StringComparison.Ordinal);
        Assert.Empty(world.Devices);
        world.RunToEnd();
        Assert.Equal(0, world.Events);
    }

    [Fact]
    public void A_pipeline_that_needs_just_what_the_device_has_runs()
    {
        using var world = new VirtualWorld();
        var needed = Assert.Throws<MemoryLimitException>(() => world.Add(Model(MiB), new() { MemoryBytes = 1 })).NeededBytes;
        Assert.Throws<MemoryLimitException>(() => world.Add(Model(MiB), new() { MemoryBytes = needed - 1 }));
        var device = world.Add(Model(MiB), new() { MemoryBytes = needed });
        world.RunToEnd();
        Assert.Equal(3, device.Metrics["model"].ItemsIn);
    }

    [Fact]
    public void A_limit_of_nothing_is_refused()
    {
        using var world = new VirtualWorld();
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Add(Model(1), new() { MemoryBytes = 0 }));
    }

    private static Pipeline Model(long stateBytes) => Pipeline.Define("device", p => p.Count(3, Ms(1))
        .Via("model", new Weights(stateBytes), static (Weights _, OperatorContext _, IOutput<Num> output) => new Passing(output))
        .Discard());

    private static string Sizes(long bytes) => $"{bytes / (double)MiB:0.#} MiB";

    private sealed record Weights(long Bytes) : IBlockOptions
    {
        public string State => "weights";
        public long StateBytes(Schema? input) => Bytes;
    }

    private sealed class Passing(IOutput<Num> output) : Operator<Num>
    {
        public override void Process(Num input) => output.Emit(input);
    }
}
