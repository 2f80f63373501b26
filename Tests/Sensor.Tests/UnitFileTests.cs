using System.Diagnostics;

namespace Sensor.Tests;

public sealed class UnitFileTests
{
    private const int SecondsToDrain = 10;
    private static readonly string[] Files =
        ["Pipelines/Sensor/streamlearn-sensor.service", "Pipelines/Aggregator/streamlearn-aggregator.service"];

    private static readonly InstalledProgram Analyze = new("systemd-analyze");

    public static TheoryData<string> Units => [.. Files];

    [Theory]
    [MemberData(nameof(Units))]
    public void A_unit_starts_its_program_and_says_when_it_is_not_started_again(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var settings = Read(file);

        Assert.Equal($"/usr/local/bin/{name} run -c /etc/streamlearn/{name["streamlearn-".Length..]}.yaml", settings["Service.ExecStart"]);
        Assert.Equal("on-failure", settings["Service.Restart"]);
        var final = settings["Service.RestartPreventExitStatus"].Split(' ').Select(int.Parse).ToList();
        Assert.Equal([2, 65, 73, 74, 77, 78], final);
        Assert.Contains(ProgramExit.BadCommandLine, final);
        Assert.Contains(ProgramExit.BadConfiguration, final);
        Assert.DoesNotContain(ProgramExit.DrainTimedOut, final);
        Assert.True(int.Parse(settings["Service.TimeoutStopSec"]) > SecondsToDrain);
        Assert.Equal(name, settings["Service.StateDirectory"]);
        Assert.Equal("yes", settings["Service.DynamicUser"]);
        Assert.Equal("strict", settings["Service.ProtectSystem"]);
        Assert.Equal("multi-user.target", settings["Install.WantedBy"]);
    }

    [Theory]
    [MemberData(nameof(Units))]
    public async Task Systemd_understands_a_unit(string file)
    {
        var analyze = Analyze.Required;
        using var folder = new TemporaryFolder();
        var copy = folder.File(Path.GetFileName(file));
        await File.WriteAllTextAsync(copy,
            (await File.ReadAllTextAsync(SourceFolder.File(file), TestContext.Current.CancellationToken))
                .Replace("/usr/local/bin/", $"{AppContext.BaseDirectory}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        using var verify = Process.Start(new ProcessStartInfo(analyze, ["verify", copy])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = await verify.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await verify.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain(Path.GetFileName(file), error, StringComparison.Ordinal);
        Assert.Equal(0, verify.ExitCode);
    }

    /// <summary>Settings by section and key; a key stands once.</summary>
    private static Dictionary<string, string> Read(string file)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in File.ReadLines(SourceFolder.File(file)).Where(static l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[') { section = line[1..^1]; }
            else if (line.Split('=', 2) is [var key, var value])
            {
                Assert.True(settings.TryAdd($"{section}.{key}", value) || key is "Wants" or "After", line);
            }
            else { Assert.Fail($"{file}: expected a setting, got '{line}'"); }
        }

        return settings;
    }
}
