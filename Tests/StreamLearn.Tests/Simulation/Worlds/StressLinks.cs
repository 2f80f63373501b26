namespace StreamLearn.Simulation.Tests;

/// <summary>Links between the devices of a random fleet.</summary>
internal static class StressLinks
{
    internal static void Add(VirtualWorld world, RandomStream random)
    {
        var profile = new LinkProfile { UpBitsPerSecond = 15_000, DownBitsPerSecond = 25_000, Delay = Ms(2), Loss = 0.05 };
        for (var d = 1; d < world.Devices.Count; d++)
        {
            if (random.NextInt32(3) == 0) { world.Link($"d{random.NextInt32(d)}", $"d{d}", profile); }
        }
        if (random.NextInt32(3) > 0) { return; }
        world.Share("radio", new() { UpBitsPerSecond = 30_000, DownBitsPerSecond = 30_000 },
            [.. world.Devices.Skip(random.NextInt32(2)).Select(static d => d.Name).DefaultIfEmpty("nobody")]);
    }
}
