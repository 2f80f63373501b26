using System.Runtime.InteropServices;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace FleetProcess;

/// <summary>A device, an edge or the aggregator of split training over a server, with checkpoints in a folder: made to be killed.</summary>
internal static class SplitProcess
{
    /// <summary>Arguments: role, server, folder, name, and then settings, each <c>name=value</c>.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var (role, server, folder, name) = (args[0], new Uri(args[1]), args[2], args[3]);
        var given = args[4..].Select(static a => a.Split('=', 2)).ToDictionary(static a => a[0], static a => a[1], StringComparer.Ordinal);
        var (settings, clock) = (new SplitSettings(given), new TraceClock());
        await using var link = new StagedTransport(settings.Play(Open(server, name), clock),
            Moment.Of(given.GetValueOrDefault("dies")), Moment.Of(given.GetValueOrDefault("waits")), clock);
        var pipeline = role switch
        {
            "split-device" => SplitPipelines.Device(name, settings, link, settings.HasGate ? new RoundGate(link, clock) : link),
            "split-edge" => SplitPipelines.Edge(name, settings, link),
            _ => SplitPipelines.Aggregator(name, settings, link, folder),
        };
        var stop = new TaskCompletionSource();
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        await using var run = pipeline.Start(new RunOptions
        {
            Checkpoints = new(folder) { HoldAtMost = settings.Hold, Every = settings.Hold },
            StartFrom = Checkpoint.Newest(folder),
        });
        Console.WriteLine("started");
        await Task.WhenAny(stop.Task, run.Completion);
        if (run.Completion.IsCompleted) { await run.Completion; }
        else { await run.StopAsync(); }
        Console.WriteLine(run.Metrics);
        Console.WriteLine("ended");
        return 0;
    }

    /// <summary>Both servers keep what was not acknowledged under the name of the process; of NATS it comes again after a second.</summary>
    private static ITransport Open(Uri server, string name) => server.Scheme == "nats"
        ? new NatsTransport(new()
        {
            Servers = [server],
            InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
            Keep = new() { Reader = name, AckWait = TimeSpan.FromSeconds(1), Retained = [SplitTopics.Versions] },
        })
        : new MqttTransport(new() { Server = server, ClientId = name, InitialReconnectDelay = TimeSpan.FromMilliseconds(50) });
}
