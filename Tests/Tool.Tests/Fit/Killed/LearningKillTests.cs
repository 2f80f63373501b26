using FleetProcess;
using Quickstart.Tests;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>Sensors and their aggregator are killed again and again while they learn, and yet the fleet learns what it would
/// have.</summary>
public sealed class LearningKillTests(ITestOutputHelper output)
{
    private const int Kills = 20;       // of a sensor, and as many of the aggregator
    private const int Sensors = 2;
    private const int People = 20;
    private const int UpdatesOfSensor = 300;
    private const int WindowsBeforeFirstStep = 7;       // TrainOptions.StartAfterRows
    private const int WindowsOfSensor = (UpdatesOfSensor * FleetPipelines.WindowsOfUpdate) + WindowsBeforeFirstStep;
    private const int UnseenWindows = 2000;
    private const long Seed = 42;

    private static readonly FleetSource Source = FleetSource.From(
        new() { Data = Recordings.Folder is { } folder ? new(folder) : null, Devices = People, Seed = Seed },
        generatedSeconds: 600);

    [LongFact]
    public async Task Killing_sensors_and_aggregator_loses_no_update_applies_none_twice_and_costs_no_accuracy()
    {
        using var folder = new TemporaryFolder();
        var learned = LabelledWindows.Collect(Source, Source.Devices, Seed);
        var windows = Enumerable.Range(0, Sensors).ToDictionary(
            static s => $"sensor-{s + 1}",
            s => Write(folder.File($"windows-{s + 1}"), learned, WindowsOfSensor, s, Sensors));
        var unseen = Features(Write(folder.File("unseen"), LabelledWindows.Collect(Source, Source.Unseen, Seed), UnseenWindows, 0, 1));

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
        // people of the recordings begin with rows of one class
        Assert.Matches(Recordings.Folder is null ? "^$" : @"^\d+ no-samples$", killed.Check.Refused);
        Assert.Equal(undisturbed.Check.Refused, killed.Check.Refused);
        Assert.Equal((undisturbed.Check.Updates, undisturbed.Check.Samples), (killed.Check.Updates, killed.Check.Samples));
        Assert.InRange(killed.Accuracy, undisturbed.Accuracy - 0.01, undisturbed.Accuracy + 0.01);
    }

    /// <summary>The end of a run.</summary>
    private sealed record RunEnd(
        FleetCheck Check, int CameAgain, double Accuracy, TimeSpan Took, IReadOnlyList<(string Name, TimeSpan Time)> Starts);

    private static async Task<RunEnd> RunAsync(
        Dictionary<string, WindowRowsOptions> windows, (float[] Features, int[] Labels) unseen, Func<ProcessFleet, Task> disturb)
    {
        var begun = TimeProvider.System.GetTimestamp();
        await using var fleet = await ProcessFleet.StartAsync(windows);
        await disturb(fleet);
        await fleet.UntilAsync(() => fleet.Made >= Sensors * (UpdatesOfSensor + 1));      // and the announcement of each
        await fleet.EndAsync();
        var accuracy = Evaluation.Of(FleetPipelines.Model, fleet.InUse, new(unseen.Features, unseen.Labels)).Accuracy;
        Assert.Equal(0, fleet.Repeated.Contradictions);
        return new(fleet.Check, fleet.Repeated.CameAgain, accuracy, TimeProvider.System.GetElapsedTime(begun), fleet.Starts);
    }

    /// <summary>Kills at random moments: most while all learn, every fourth while a process that was killed is still starting.</summary>
    private static async Task KillAsync(ProcessFleet fleet, Random random, List<TimeSpan> bare)
    {
        var victims = Enumerable.Range(0, 2 * Kills)
            .Select(k => k % 2 == 0 ? ProcessFleet.Edge : $"sensor-{1 + (k / 2 % Sensors)}").ToArray();
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
            if (bare.Count == 0 || number % 8 == 0) { bare.Add(await ProcessFleet.MeasureBareAsync()); }
            var until = fleet.Made + random.Next(8);
            await fleet.UntilAsync(() => fleet.Made >= until);
            await PassAsync(random.Next(50));
        }

        Assert.InRange(fleet.Made, 1, (Sensors * UpdatesOfSensor) - 1);      // all were killed at work

        static Task PassAsync(int milliseconds) =>
            Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Writes windows from all over the recordings of all people, one of each in turn: of so many parts one. The parts are alike,
    /// so that it does not matter which sensor is the last to end.</summary>
    private static WindowRowsOptions Write(string file, LabelledWindows windows, int count, int part, int parts)
    {
        const int Values = HarNetwork.Channels * HarNetwork.Samples;
        var ofPeople = windows.Owners.Index().GroupBy(static w => w.Item, static w => w.Index).Select(static p => p.ToArray()).ToArray();
        var ofPerson = parts * ((count + ofPeople.Length - 1) / ofPeople.Length);
        var inTurn = Enumerable.Range(0, ofPerson).Where(n => n % parts == part)
            .SelectMany(n => ofPeople.Select(all => all[n * all.Length / ofPerson])).Take(count);
        WindowRows.Write(file, inTurn.Select(w => (new ReadOnlyMemory<float>(windows.Features, w * Values, Values), windows.Labels[w])));
        return new(file);
    }

    /// <summary>The features of windows, as sensors make them.</summary>
    private static (float[] Features, int[] Labels) Features(WindowRowsOptions windows)
    {
        var (features, labels) = (new List<float>(), new List<int>());
        using var world = new VirtualWorld(new() { Seed = Seed });
        world.Add(Pipeline.Define("unseen", p => FleetPipelines.Features(p, windows).ForEach("collect", row =>
        {
            for (var c = 0; c < row.Channels.Count; c++) { features.Add(row.Channels[c].Values<float>()[0]); }
            labels.Add(row[Schema.LabelColumn].Values<int>()[0]);
        })));
        world.RunFor((windows.Count + 1) * WindowRows.Period);
        return ([.. features], [.. labels]);
    }

    private void Say(string what, RunEnd run) => output.WriteLine(
        $"{what}: accuracy {run.Accuracy:0.0000} on unseen people, {run.Took.TotalSeconds:0.0} s, "
            + $"{run.CameAgain} ledger messages came again, {run.Check}");

    private static string Text(List<TimeSpan> times)
    {
        times.Sort();
        return $"median {times[times.Count / 2].TotalMilliseconds:0} ms, most {times[^1].TotalMilliseconds:0} ms";
    }
}
