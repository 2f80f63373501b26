using System.Text.Json;
using System.Text.RegularExpressions;
using StreamLearn.Learning;
using StreamLearn.Programs;
using StreamLearn.Testing;

namespace Sensor.Tests;

/// <summary>What a sensor advises when somebody has spoken in the name of its devices helps, followed to the letter.</summary>
public sealed partial class AdviceTests : IDisposable
{
    private const string Fenced = "user-001", Quarantined = "user-002";
    private const int MoreThanStrikes = 40;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Whether it is NATS.</summary>
    public static TheoryData<bool> Servers { get; } = LongForm.IsAsked ? [true, false] : [true];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_a_sensor_advises_ends_a_fence_and_a_quarantine(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: false);
        await using var liar = new Liar(server);
        await using var aggregator = await StartAsync(server, Programs.Aggregator, "run", "--set", "aggregate.strategy.fedbuff.updates=2");
        await using var sensor = await StartAsync(server, Programs.Sensor, "run", "--set", "source.generator.users=[1, 2]",
            "--set", "source.generator.length=24h", "--set", "source.generator.speed=40");
        await UntilAcceptedAsync(Fenced, aggregator);
        await UntilAcceptedAsync(Quarantined, aggregator);

        await liar.PublishAsync(GuardedFleet.Topics.PresencesOf(Fenced), LearningCodecs.Presences, Liar.Say(Fenced, Liar.Ahead));
        var impossible = liar.Update(default) with { Device = Quarantined, Epoch = long.MaxValue };
        for (var i = 0; i < MoreThanStrikes; i++)
        {
            await liar.PublishAsync(GuardedFleet.Topics.DeltasOf(Quarantined), LearningCodecs.Deltas, impossible);
        }

        foreach (var (device, reason) in new[] { (Fenced, "'fenced'"), (Quarantined, "'quarantined'") })
        {
            await sensor.WaitForAsync(reason);
            var advice = sensor.Log.Split('\n').Single(l => l.Contains($" {device} ", StringComparison.Ordinal)
                && l.Contains(reason, StringComparison.Ordinal));
            await using var advised = await StartAsync(server, Programs.Aggregator, Command().Match(advice).Groups[1].Value.Split(' '));
            Assert.True(await advised.EndAsync() == 0, advised.Log);
            await UntilAcceptedAsync(device, aggregator);
        }
    }

    /// <summary>Starts a program with a login and a state folder of its own.</summary>
    private async Task<ServerProcess> StartAsync(GuardedServer server, string program, params string[] command)
    {
        var config = _folder.File($"{program}.yaml");
        if (!File.Exists(config)) { await File.WriteAllTextAsync(config, await Programs.SampleAsync(program)); }
        return new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. command, "-c", config,
            "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", $"state={_folder.File(program)}",
            "--set", $"link.login={server.Login(program == Programs.Sensor ? "gateway" : FleetTopics.Aggregator)}"]);
    }

    /// <summary>Waits until more updates of a device are in versions than there are now.</summary>
    private async Task UntilAcceptedAsync(string device, ServerProcess aggregator)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        for (var before = Applied(device); Applied(device) == before;)
        {
            Assert.False(patience.IsCancellationRequested || aggregator.HasExited, $"no update of {device}: {aggregator.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private long Applied(string device)
    {
        var status = Path.Join(_folder.File(Programs.Aggregator), "plant", FleetTopics.Aggregator, "status.json");
        if (!File.Exists(status)) { return 0; }
        using var json = JsonDocument.Parse(File.ReadAllText(status));
        return json.RootElement.GetProperty("devices").EnumerateArray().Where(d => d.GetProperty("name").GetString() == device)
            .Sum(static d => d.GetProperty("applied").GetInt64());
    }

    [GeneratedRegex("run streamlearn-aggregator (devices forget [^ ]+) with the aggregator's configuration")]
    private static partial Regex Command();
}
