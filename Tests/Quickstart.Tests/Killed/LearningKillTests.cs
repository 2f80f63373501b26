using FleetProcess;
using StreamLearn.Learning;
using StreamLearn.Samples;

namespace Quickstart.Tests;

/// <summary>Sensors and their aggregator are killed again and again while they learn, and yet the fleet learns what it would have.</summary>
[Trait("needs", "mosquitto")]
public sealed class LearningKillTests(ITestOutputHelper output)
{
    private const int Kills = 20;       // of a sensor, and as many of the aggregator
    private const int Sensors = 2;
    private const int PeopleOfSensor = 4;
    private const int UpdatesOfSensor = 300;
    private const int StepsOfUpdate = 4, RowsBeforeFirstStep = 7;      // of TrainOptions
    private const long Seed = 42;

    private static readonly FleetSource Source = FleetSource.From(
        new() { Data = Recordings.Folder is { } folder ? new(folder) : null, Devices = Sensors * PeopleOfSensor, Seed = Seed },
        generatedSeconds: 600);

    [Fact]
    public async Task Killing_sensors_and_aggregator_loses_no_update_applies_none_twice_and_costs_no_accuracy()
    {
        using var folder = new TemporaryFolder();
        var windows = Enumerable.Range(0, Sensors).ToDictionary(static s => $"sensor-{s + 1}", s => Write(folder, s));
        var unseen = LabelledWindows.Collect(Source, Source.Unseen, Seed);

        var undisturbed = await RunAsync(windows, unseen, static _ => Task.CompletedTask);
        var bare = new List<TimeSpan>();
        var killed = await RunAsync(windows, unseen, fleet => KillAsync(fleet, new(1), bare));

        Say("undisturbed", undisturbed);
        Say($"{Kills} kills each", killed);
        foreach (var role in new[] { "sensor", ProcessFleet.Edge })
        {
            var times = killed.Starts.Where(s => s.Name.StartsWith(role, StringComparison.Ordinal)).Select(static s => s.Time).ToList();
            output.WriteLine($"{role}: from the start of the process to its first message, {times.Count} starts: {Text(times)}");
        }

        output.WriteLine($"a process that does nothing, {bare.Count} starts: {Text(bare)}");
        Assert.True(undisturbed.Check.IsExact, undisturbed.Check.ToString());
        Assert.True(killed.Check.IsExact, killed.Check.ToString());
        Assert.Equal("", killed.Check.Refused);
        Assert.Equal((undisturbed.Check.Updates, undisturbed.Check.Samples), (killed.Check.Updates, killed.Check.Samples));
        Assert.InRange(killed.Accuracy, undisturbed.Accuracy - 0.01, undisturbed.Accuracy + 0.01);
    }

    /// <summary>The end of a run.</summary>
    private sealed record RunEnd(
        FleetCheck Check, int CameAgain, double Accuracy, TimeSpan Took, IReadOnlyList<(string Name, TimeSpan Time)> Starts);

    private static async Task<RunEnd> RunAsync(
        Dictionary<string, string> windows, LabelledWindows unseen, Func<ProcessFleet, Task> disturb)
    {
        var begun = TimeProvider.System.GetTimestamp();
        await using var fleet = await ProcessFleet.StartAsync(windows);
        await disturb(fleet);
        await fleet.UntilAsync(() => fleet.Made >= Sensors * (UpdatesOfSensor + 1));      // and the announcement of each
        await fleet.EndAsync();
        var accuracy = Evaluation.Of(FleetPipelines.Model(), fleet.InUse, unseen.Sample).Accuracy;
        Assert.Equal(0, fleet.Repeated.Contradictions);
        return new(fleet.Check, fleet.Repeated.CameAgain, accuracy, TimeProvider.System.GetElapsedTime(begun), fleet.Starts);
    }

    /// <summary>Kills at random moments: most while all learn, every fourth while a process that was killed is still starting.</summary>
    private static async Task KillAsync(ProcessFleet fleet, Random random, List<TimeSpan> bare)
    {
        var victims = Enumerable.Range(0, 2 * Kills).Select(k => k % 2 == 0 ? ProcessFleet.Edge : $"sensor-{1 + (k / 2 % Sensors)}").ToArray();
        random.Shuffle(victims);
        foreach (var (number, victim) in victims.Index())
        {
            await fleet.KillAsync(victim);
            if (random.Next(4) == 0)
            {
                await PassAsync(random.Next(600));
                continue;
            }

            await fleet.GoOnAsync();
            if (number % 8 == 0) { bare.Add(await ProcessFleet.MeasureBareAsync()); }
            var until = fleet.Made + random.Next(8);
            await fleet.UntilAsync(() => fleet.Made >= until);
            await PassAsync(random.Next(50));
        }

        Assert.InRange(fleet.Made, 1, (Sensors * UpdatesOfSensor) - 1);      // all were killed at work

        static Task PassAsync(int milliseconds) =>
            Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Writes the windows of some people, one of each in turn.</summary>
    private static string Write(TemporaryFolder folder, int sensor)
    {
        var people = Enumerable.Range(0, PeopleOfSensor).Select(p => Source.Devices[sensor + (p * Sensors)]).ToArray();
        var windows = LabelledWindows.Collect(Source, people, Seed);
        const int Values = HarNetwork.Channels * HarNetwork.Samples;
        var inTurn = windows.Owners.Index().GroupBy(static w => w.Item).SelectMany(static p => p.Index())
            .OrderBy(static w => w.Index).Select(static w => w.Item.Index);
        var file = folder.File($"sensor-{sensor + 1}");
        WindowRows.Write(file, inTurn.Take((UpdatesOfSensor * StepsOfUpdate) + RowsBeforeFirstStep + 1)
            .Select(w => ((ReadOnlyMemory<float>)windows.Features.AsMemory(w * Values, Values), windows.Labels[w])));
        return file;
    }

    private void Say(string what, RunEnd run) => output.WriteLine(
        $"{what}: accuracy {run.Accuracy:0.0000} on unseen people, {run.Took.TotalSeconds:0.0} s, {run.CameAgain} ledger messages came again, "
            + $"{run.Check}");

    private static string Text(List<TimeSpan> times)
    {
        times.Sort();
        return $"median {times[times.Count / 2].TotalMilliseconds:0} ms, most {times[^1].TotalMilliseconds:0} ms";
    }
}
