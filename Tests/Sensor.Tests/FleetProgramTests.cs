using System.Diagnostics;

namespace Sensor.Tests;

public sealed partial class FleetProgramTests
{
    public static TheoryData<bool> Servers { get; } = LongForm.IsAsked ? [true, false] : [false];

    [Theory]
    [InlineData("streamlearn-sensor")]
    [InlineData("streamlearn-aggregator")]
    public async Task What_config_init_prints_is_good_and_shown_with_its_places(string program)
    {
        using var folder = new TemporaryFolder();
        var sample = await Programs.EndAsync(Programs.Start(program, "config", "init"));
        await File.WriteAllTextAsync(folder.File("s.yaml"), sample.Output, TestContext.Current.CancellationToken);

        var check = await Programs.EndAsync(Programs.Start(program, "check", "-c", folder.File("s.yaml")));
        var shown = await Programs.EndAsync(Programs.Start(program, "config", "show", "-c", folder.File("s.yaml"), "--origin"));
        var bad = await Programs.EndAsync(Programs.Start(program, "check", "-c", folder.File("s.yaml"), "--set", "link.urll=x"));

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.StartsWith("good: ", check.Output, StringComparison.Ordinal);
        Assert.Contains("s.yaml:2:8", shown.Output, StringComparison.Ordinal);
        Assert.Equal(78, bad.ExitCode);
        Assert.Contains("unknown key 'urll'; did you mean 'url'?", bad.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Programs.EndAsync(Programs.Start(program, "runn"))).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Sensors_and_an_aggregator_learn_together_through_a_server_and_end_in_good_order(bool overNats)
    {
        await using IAsyncDisposable server = overNats
            ? await RealNats.StartAsync(new() { JetStream = true })
            : await Mosquitto.StartAsync();
        var url = (server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri).ToString().TrimEnd('/');
        using var folder = new TemporaryFolder();
        foreach (var program in new[] { "streamlearn-sensor", "streamlearn-aggregator" })
        {
            await File.WriteAllTextAsync(folder.File(program), await Programs.SampleAsync(program), TestContext.Current.CancellationToken);
        }

        string[] Run(string program, params string[] more) =>
            ["run", "-c", folder.File(program), "--set", $"link.url={url}", "--set", $"state={folder.File("state")}", .. more];
        using var aggregator = Programs.Start("streamlearn-aggregator", Run("streamlearn-aggregator",
            "--set", "aggregate.strategy.fedbuff.updates=4"));
        await aggregator.UntilSaysAsync("waiting for updates");     // a sensor that nobody answers for ten seconds says so
        var first = Programs.Start("streamlearn-sensor", Run("streamlearn-sensor", "--set", "source.generator.length=2m"));
        var second = Programs.Start("streamlearn-sensor", Run("streamlearn-sensor",
            "--set", "source.generator.length=2m", "--set", "source.generator.users=[4, 5]",
            "--set", $"state={folder.File("second")}"));

        var sensors = await Task.WhenAll(Programs.EndAsync(first), Programs.EndAsync(second));
        using var kill = Process.Start("kill", ["-TERM", $"{aggregator.Process.Id}"]);
        var edge = await Programs.EndAsync(aggregator);

        Assert.All(sensors, s => Assert.Equal((0, ""), (s.ExitCode, s.Error)));
        Assert.Equal((0, ""), (edge.ExitCode, edge.Error));
        var last = LastLine().Match(edge.Output);
        Assert.True(last.Success, edge.Output);
        Assert.Equal("5", last.Groups["devices"].Value);
        var sent = sensors.Sum(s => long.Parse(Updates().Matches(s.Output)[^1].Groups[1].Value));
        Assert.InRange(long.Parse(last.Groups["updates"].Value), 20, sent);
    }

    [GeneratedRegex(@"version=\d+ updates=(?<updates>\d+) devices=(?<devices>\d+) alive=\d+ left=5 "
        + @"strategy=fedbuff own_accuracy=[01]\.\d\d\d( refused\.no-samples=\d+)?\s*$")]
    private static partial Regex LastLine();

    [GeneratedRegex(@"updates=(\d+)")]
    private static partial Regex Updates();
}
