using StreamLearn.Nats;

namespace FleetProcess;

/// <summary>A node that computes parts of a block over nats-server: made to be killed.</summary>
internal static class PartProcess
{
    /// <summary>Arguments: server, name, filters of the network. A line of input asks how much processor time it has used.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var (name, filters) = (args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
        await using var link = new NatsTransport(new() { Servers = [new(args[0])] });
        await using var run = PartTopics.Worker(name, PartTopics.Network(filters), link).Start();
        Console.WriteLine("started");
        while (await Console.In.ReadLineAsync() is not null)
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            var parts = run.Metrics.Blocks.Single(static b => b.Block == "serve-parts");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"used {self.TotalProcessorTime.TotalSeconds} s for {parts.ItemsIn} parts and {parts.MultiplyAdds} multiply-adds"));
        }

        return 0;
    }
}
