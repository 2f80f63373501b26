using System.Diagnostics;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Samples;

namespace StreamLearn.Torch.Tests;

/// <summary>What this program does as a process of its own: an application with a torch model, or one that finds no libtorch.</summary>
internal static class OwnProcess
{
    internal static readonly FleetTopics Topics = new("sl/torch");

    /// <summary>The application's model.</summary>
    internal static TorchModel Model() =>
        new("lstm", HarRows.Window, HarRows.Classes, static () => new LstmNet(6, 16, 6), new() { Seed = 1 });

    /// <summary>Starts this program again.</summary>
    internal static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(OwnProcess).Assembly.Location, null), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;

    /// <summary>A device over a server, until its input ends.</summary>
    internal static async Task<int> SensorAsync(string name, Uri server)
    {
        await using var link = EdgeLink.Over(EdgeServer.Open(server, $"sl-torch-{name}", TimeSpan.FromMinutes(1), login: null));
        await using var run = SensorPipeline.Create(Options(name), link).Start();
        await Console.In.ReadLineAsync();
        Console.WriteLine(run.Metrics["train"].Counter("steps"));
        return run.Completion.IsFaulted ? 1 : 0;
    }

    /// <summary>Makes a model where libtorch was not loaded beforehand, and prints what is said.</summary>
    internal static int Refused()
    {
        try
        {
            return Model().ExitCount;
        }
        catch (NotSupportedException refusal)
        {
            Console.WriteLine(refusal.Message);
            return 0;
        }
    }

    private static SensorOptions Options(string name) => new(name, Topics, Model(),
        p => p.FromHarStream(new() { User = name[^1] - '0', Seed = 1, Duration = TimeSpan.FromHours(24), SpeedUp = 60 }), HarStream.Schema,
        static rows => rows.Window(HarRows.Samples, HarRows.Samples / 2))
    {
        Training = new()
        {
            Optimizer = new AdamW(0.003f),
            Announce = true,
            Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        },
        HeartbeatEvery = TimeSpan.FromSeconds(1),
    };
}
