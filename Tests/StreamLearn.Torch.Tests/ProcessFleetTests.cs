using System.Collections.Concurrent;
using System.Diagnostics;
using StreamLearn.Fleets;
using StreamLearn.Programs;

namespace StreamLearn.Torch.Tests;

/// <summary>Two sensors of an application, each a process with a torch model, and an aggregator here, over a nats-server.</summary>
public sealed class ProcessFleetTests(ITestOutputHelper output)
{
    private const int Versions = 12;

    [Fact]
    public async Task Two_processes_and_an_aggregator_learn_over_a_server()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var (model, rounds) = (OwnProcess.Model(), new ConcurrentQueue<Round>());
        await using var link = EdgeLink.Over(EdgeServer.Open(server.Uri, "sl-torch-aggregator", TimeSpan.FromMinutes(1), login: null));
        await using var run = AggregatorPipeline.Create(new(OwnProcess.Topics, model, new FedAvg(2), 64)
        {
            Rules = new() { Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() },
            OnRound = rounds.Enqueue,
        }, link).Start(null, TestContext.Current.CancellationToken);
        string[] names = ["wearer-1", "wearer-2"];
        List<Process> sensors = [.. names.Select(n => OwnProcess.Start("sensor", n, $"{server.Uri}"))];
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(ServerProcess.Patience);
            while (rounds.Count < Versions)
            {
                Assert.All(sensors, static s => Assert.False(s.HasExited));
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }

            foreach (var sensor in sensors)
            {
                sensor.StandardInput.Close();
                Assert.InRange(int.Parse(await sensor.StandardOutput.ReadToEndAsync(patience.Token)), Versions, int.MaxValue);
                await sensor.WaitForExitAsync(patience.Token);
                Assert.Equal(0, sensor.ExitCode);
            }
        }
        finally
        {
            foreach (var sensor in sensors.Where(static s => !s.HasExited)) { sensor.Kill(); }
            sensors.ForEach(static s => s.Dispose());
        }

        var made = rounds.Last().Made;
        output.WriteLine(FormattableString.Invariant($"{rounds.Count} versions of {model}"));
        Assert.Equal(names, rounds.SelectMany(static r => r.Contributions).Select(static c => c.Device).Distinct().Order());
        Assert.NotEqual(model.Initial.Sha256(), made.Sha256());
        Assert.NotNull(made.Scale);
    }
}
