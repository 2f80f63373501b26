using System.Diagnostics;

namespace Tool.Tests;

public sealed class MeterProgramTests
{
    private const int Lines = 250;

    [Fact]
    public async Task Interrupted_and_started_again_it_prints_each_total_once()
    {
        using var folder = new TemporaryFolder();
        var recording = folder.File("recording.txt");
        await File.WriteAllLinesAsync(recording, Enumerable.Range(1, Lines).Select(static n => $"{n}"), Canceled);
        var printed = new List<string>();

        var saves = 0;
        foreach (var until in new[] { 10, 40, Lines })
        {
            using var meter = Process.Start(new ProcessStartInfo("dotnet",
                [Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "meter", recording, folder.File("state")])
            {
                RedirectStandardOutput = true,
            })!;
            try
            {
                do { printed.Add((await meter.StandardOutput.ReadLineAsync(Canceled))!); }      // one at least: it listens for signals then
                while (printed.Count < until);
                if (until < Lines)
                {
                    using var kill = Process.Start("kill", ["-INT", $"{meter.Id}"]);
                    await kill.WaitForExitAsync(Canceled);
                }

                var rest = (await meter.StandardOutput.ReadToEndAsync(Canceled)).TrimEnd().Split('\n');
                await meter.WaitForExitAsync(Canceled);
                printed.AddRange(rest[..^1]);
                Assert.Equal(until < Lines ? 130 : 0, meter.ExitCode);
                Assert.Matches(until < Lines ? "^saved as checkpoint [0-9]+: the same command goes on$" : "^the recording has ended$",
                    rest[^1]);
                saves += until < Lines ? 1 : 0;
            }
            finally
            {
                if (!meter.HasExited) { meter.Kill(); }
            }
        }

        Assert.Equal(2, saves);
        Assert.Equal(
            Enumerable.Range(1, Lines).Select(static n => string.Create(CultureInfo.InvariantCulture, $"{n}: {n * (n + 1) / 2} l")),
            printed);
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;
}
