using System.Diagnostics;
using StreamLearn.Mqtt;

namespace FleetProcess;

/// <summary>Passes numbers on, each with how often the state has taken it in, and kills itself at a given moment.</summary>
internal static class Relay
{
    /// <summary><paramref name="moment"/>: when it dies: <c>never</c>; <c>taken</c>: in the call that takes that many; <c>writing</c>,
    /// <c>written</c>: so many microseconds after a checkpoint is begun to be written, or is on disk.</summary>
    internal static async Task RunAsync(string server, MqttVersion version, (string In, string Out) topics, string folder, string moment,
        int count)
    {
        await using var transport = new MqttTransport(new()
        {
            Server = new(server),
            Version = version,
            ClientId = "relay",
            InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
        });
        var pipeline = Pipeline.Define("relay", p => p
            .Subscribe(transport, topics.In, Texts.Codec)
            .Via("count", new CountEachOptions(moment == "taken" ? count : int.MaxValue))
            .Publish(transport, topics.Out, Texts.Codec, new PublicationOptions { WithCheckpoint = true }));
        var from = Checkpoint.Newest(folder);
        Console.WriteLine($"from {from?.Number ?? 0}");
        await using var run = pipeline.Start(new RunOptions { Checkpoints = new(folder), StartFrom = from });
        if (moment == "writing") { DieAfter(() => File.Exists(Path.Combine(folder, "unfinished")), count); }
        if (moment == "written") { DieAfter(() => run.LastCheckpoint is not null, count); }
        await run.Completion;
    }

    internal static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    private static void DieAfter(Func<bool> condition, int microseconds)
    {
        while (!condition()) { Thread.Yield(); }
        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since).TotalMicroseconds < microseconds) { Thread.Yield(); }
        Die();
    }
}

internal sealed record CountEachOptions(int DiesAfter) : IOperatorOptions<string, string, CountEach>, IBlockOptions
{
    public string State => "a count for each number";

    public CountEach Create(OperatorContext context, IOutput<string> output) => new(DiesAfter, output);
}

internal sealed class CountEach(int diesAfter, IOutput<string> output) : Operator<string>, IStateful
{
    private const int Most = 10_000;
    private int[] _counts = new int[Most];
    private int _taken;

    public string StateFormat => "count-each/1";

    public void State(ref StateStream s) => s.Array(ref _counts, Most);

    public override void Process(string input)
    {
        var number = int.Parse(input, CultureInfo.InvariantCulture);
        output.Emit(string.Create(CultureInfo.InvariantCulture, $"{number} {++_counts[number]}"));
        if (++_taken == diesAfter) { Relay.Die(); }
    }
}
