namespace StreamLearn.Simulation.Tests;

public sealed class FailureStressTests
{
    /// <summary>Wherever a message is when its device crashes, it is counted once: taken, dropped, merged or lost.</summary>
    [Fact]
    public void Random_fleets_that_crash_leave_and_are_drained_lose_nothing_uncounted_and_leak_nothing()
    {
        var (lost, left) = (0L, 0);
        for (var seed = 0; seed < StressTests.Rounds; seed++)
        {
            using var world = StressTests.Build(seed, faults: false);
            var random = new RandomStream(seed, "failures");
            foreach (var device in world.Devices.ToList())
            {
                Action? failure = random.NextInt32(3) switch { 0 => device.Crash, 1 => device.Leave, _ => null };
                left += failure == device.Leave ? 1 : 0;
                if (failure is not null) { world.At(Ms(random.NextDouble(0, 150)), failure); }
            }
            world.RunFor(Ms(random.NextDouble(0, 200)));
            world.Drain(Cancellation);

            foreach (var device in world.Devices)
            {
                Assert.True(device.EndedAt is not null && device.Failure is null, $"seed {seed}, {device.Name} goes on");
                foreach (var node in device.Pipeline.Nodes.Where(n => n.Kind == NodeKind.Operator))
                {
                    var block = device.Metrics[node.Name];
                    var sent = device.Pipeline.Edges.Where(e => e.To == node.Index)
                        .Sum(e => device.Metrics[device.Pipeline.Nodes[e.From].Name].ItemsOut);
                    var ended = StressTests.EdgeDrops.Append("lost").Sum(r => block.Drops.GetValueOrDefault(r))
                        + block.Counter("coalesced");
                    Assert.True(sent == block.ItemsIn + ended,
                        $"seed {seed}, {device.Name}/{node.Name}: {sent} sent, {block.ItemsIn} taken, {ended} dropped, merged or lost");
                    lost += block.Drops.GetValueOrDefault("lost");
                    Assert.True(device.HasCrashed || !block.Drops.ContainsKey("lost"), $"seed {seed}, {device.Name}/{node.Name} lost some");
                }
            }
            Assert.True(world.Pool.RentedBatches == 0, $"seed {seed}: {world.Pool.RentedBatches} batches are still rented");
        }
        Assert.True(lost > StressTests.Rounds / 4 && left > StressTests.Rounds / 4, $"only {lost} lost, {left} left");
    }
}
