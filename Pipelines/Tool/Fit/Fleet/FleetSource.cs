using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Programs;
using StreamLearn.Samples;

namespace Tool;

/// <summary>Where the rows come from: recordings of people, or the generator.</summary>
internal sealed record FleetSource(
    string Description,
    ImmutableArray<string> Devices,
    ImmutableArray<string> Unseen,
    Func<string, long> RowsOf,
    ImmutableArray<string> Classes,
    ImmutableArray<string> Channels,
    string? Segment,
    Func<PipelineBuilder, string, Playback, Flow<Batch>> Open)
{
    /// <summary>Missing rows in a row that are filled in.</summary>
    internal const int MaxFilled = 5;

    internal double RowsPerSecond { get; init; } = RecordedRate;      // rows a second. Default 50.

    /// <summary>Samples of a window, an even number: every other window begins where the one before is half over. 1: each row is taken by
    /// itself. Default 128.</summary>
    internal int WindowSamples { get; init; } = UsualSamples;

    /// <summary>True if each row is taken by itself.</summary>
    internal bool IsByRow => WindowSamples == 1;

    /// <summary>Samples from one window to the next.</summary>
    internal int HopSamples => Math.Max(1, WindowSamples / 2);

    internal Schema Schema { get; init; } = HarStream.Schema;       // columns of the rows; default those of the generator

    /// <summary>How many times faster than they were recorded streams are played; null: as the scenario says.</summary>
    internal double? ReplaySpeed { get; init; }

    internal string Judges { get; init; } = "people";           // what the devices are called that the model is judged by. Default people.
    internal string ModelName { get; init; } = "conv";          // what is learned: conv, features or linear
    internal string? Choice { get; init; }                      // why the model is what it is; null: it was named
    internal ImmutableArray<string> Notes { get; init; } = [];    // what was left out of the rows or filled in, a line each. Default none.

    /// <summary>True: a device learns as if it had as many rows of each class, and answers likewise; false: classes are as frequent as
    /// they are. Default true.</summary>
    internal bool AdjustLogits { get; init; } = true;

    /// <summary>True: there are several devices, each with rows of one class. They learn in step, as a version of some of them unlearns the
    /// classes of the others. Default false.</summary>
    internal bool HasOneClassEach { get; init; }

    /// <summary>True: rows in which a channel stays the same too long are left out; slow sensors do that by nature. Default true.</summary>
    internal bool StuckRows { get; init; } = true;

    /// <summary>The value that is learned; null: a class is.</summary>
    internal Field? Target { get; init; }

    /// <summary>How much later the value or class is that a window tells; null: it is that of its last row.</summary>
    internal TimeSpan? Ahead { get; init; }

    /// <summary>True if a window tells the class that comes later.</summary>
    internal bool ForecastsClasses => Ahead is not null && Target is null;

    /// <summary>How far a value is from what it should be; null: none is learned.</summary>
    internal SquaredError? Objective { get; init; }

    internal int BufferRows { get; init; } = 128;       // rows that a device keeps to learn from. Default 128.

    /// <summary>What becomes of rows before the model takes them; default: windows of the samples themselves.</summary>
    internal Preparation Preparation
    {
        get => field ?? new([.. Schema.Fields.Where(static f => f.Type == ColumnType.Float32)], WindowSamples, HopSamples)
        {
            RowsPerSecond = WindowSamples == 1 ? null : RowsPerSecond,
            FilledRows = Math.Min(MaxFilled, WindowSamples - 1),
            SpanTolerance = double.PositiveInfinity,        // what is played has its rate by construction
        };
        init;
    }

    /// <summary>Event time of the first row of every stream.</summary>
    internal static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const double RecordedRate = 50;
    private const int UsualSamples = 128;
    private const int GeneratedDevices = 20;
    private const int GeneratedUnseen = 6;
    private const double GeneratedSeconds = 2400;       // 300 s at 8x: rows come as long as a run lasts
    private const double GeneratedUnseenSeconds = 600;

    /// <exception cref="ProgramException">The recordings cannot be read, or have too few people.</exception>
    internal static FleetSource From(JobOptions options, double generatedSeconds = GeneratedSeconds) =>
        options.Rows is not null ? OwnFleet.Read(options)
            : options.Data is null ? Generated(options, generatedSeconds) : Recorded(options.Data, options.Devices, options.Window);

    private static FleetSource Generated(JobOptions options, double seconds)
    {
        var count = options.Devices ?? GeneratedDevices;
        ImmutableArray<string> devices = [.. Enumerable.Range(1, count).Select(i => $"user-{i:000}")];
        ImmutableArray<string> unseen = [.. Enumerable.Range(count + 1, GeneratedUnseen).Select(i => $"user-{i:000}")];
        double SecondsOf(string name) => unseen.Contains(name) ? GeneratedUnseenSeconds : seconds;
        return new(
            $"generated har-stream: {count} users, 6 channels at 50 Hz, {seconds:0} s each; judged on "
                + $"{GeneratedUnseen} unseen users",
            devices,
            unseen,
            name => (long)(SecondsOf(name) * HarStream.RowsPerSecond),
            HarRecordings.Activities,
            ChannelsOf(HarStream.Schema),
            null,
            (builder, name, play) => builder.FromHarStream(new()
            {
                User = int.Parse(name[5..], System.Globalization.CultureInfo.InvariantCulture),
                Duration = TimeSpan.FromSeconds(SecondsOf(name)),
                Seed = options.Seed,
                SpeedUp = play.Speed,
                Start = play.Start,
                StayOpen = play.StayOpen,
            }));
    }

    private static FleetSource Recorded(DirectoryInfo folder, int? limit, WindowLength? window)
    {
        HarRecordings recordings;
        try
        {
            recordings = HarRecordings.Open(folder.FullName);
        }
        catch (HarFormatException e)
        {
            throw new ProgramException(e.Message, ExitCode.DataRefused);
        }

        var (training, judges) = (recordings.People.Except(HarRecordings.TestPeople).ToList(),
            recordings.People.Intersect(HarRecordings.TestPeople).ToList());
        Require(folder, training, "person to learn from", "one whose number is not that of a test person");
        Require(folder, judges, "person to judge the model by", $"one of the numbers {string.Join(", ", HarRecordings.TestPeople)}");
        if (limit > training.Count)
        {
            throw new ProgramException(
                $"--devices: the recordings have {training.Count} training people, {limit} were asked for", ExitCode.BadCommandLine);
        }
        var samples = window is { } length ? OwnFleet.SamplesOf(length, RecordedRate) : UsualSamples;
        var cut = samples == UsualSamples ? "" : FormattableString.Invariant($"; windows of {samples} rows");
        return new(
            $"recordings of {limit ?? training.Count} people, 6 channels at 50 Hz; judged on {judges.Count} unseen people{cut}",
            [.. training.Take(limit ?? training.Count).Select(Name)],
            [.. judges.Select(Name)],
            name => recordings.Of(Number(name)).Sum(r => (long)r.Samples),
            HarRecordings.Activities,
            ChannelsOf(HarRecordings.Schema),
            "recording",
            (builder, name, play) => builder.FromHar(recordings, Number(name),
                new() { SpeedUp = play.Speed, Start = play.Start, Phase = play.Phase, StayOpen = play.StayOpen }))
        {
            Schema = HarRecordings.Schema,
            WindowSamples = samples,
        };
    }

    private static void Require(DirectoryInfo folder, List<int> people, string what, string who)
    {
        if (people.Count > 0) { return; }
        throw new ProgramException($"--data: the recordings in {folder} have no {what}: expected {who}", ExitCode.DataRefused);
    }

    private static ImmutableArray<string> ChannelsOf(Schema schema) =>
        [.. schema.Fields.Where(f => f.Type == ColumnType.Float32).Select(f => f.Name)];

    private static string Name(int person) => $"person-{person:00}";

    private static int Number(string name) => int.Parse(name[7..], System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>How a stream is played.</summary>
internal sealed record Playback(double Speed, double Phase, DateTimeOffset Start, bool StayOpen)
{
    internal static Playback Plain { get; } = new(1, 0, FleetSource.Start, false);      // as recorded, from the beginning
}
