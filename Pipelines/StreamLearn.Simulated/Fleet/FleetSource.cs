using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace StreamLearn.Simulated;

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
    internal const int MaxFilled = 5;

    internal double RowsPerSecond { get; init; } = RecordedRate;

    /// <summary>Samples per window: even, since windows overlap by half; 1: single rows.</summary>
    internal int WindowSamples { get; init; } = UsualSamples;

    internal bool IsByRow => WindowSamples == 1;

    internal int HopSamples { get => field > 0 ? field : Math.Max(1, WindowSamples / 2); init; }

    internal Schema Schema { get; init; } = HarStream.Schema;

    /// <summary>Playback speed relative to the recording; null for that of the scenario.</summary>
    internal double? ReplaySpeed { get; init; }

    internal string Judges { get; init; } = "people";           // name of the devices or people the model is evaluated on
    internal string ModelName { get; init; } = "conv";          // conv, features or linear
    internal Func<ModelCard, ModelCard>? Learned { get; init; } // what the model's card says of its devices; null: their names
    internal string? Choice { get; init; }                      // why this model was chosen; null if the user chose it
    internal ImmutableArray<string> Notes { get; init; } = [];    // notes on rows dropped or filled in, one per line

    internal bool AdjustLogits { get; init; } = true;

    /// <summary>True if each device has one class. Then devices learn in lockstep, since a version from only a few devices forgets the
    /// classes of the others.</summary>
    internal bool HasOneClassEach { get; init; }

    /// <summary>True to drop rows of a stuck channel; slow sensors repeat values by nature.</summary>
    internal bool StuckRows { get; init; } = true;

    internal Field? Target { get; init; }

    /// <summary>Forecast horizon; null to learn the last row's own value or class.</summary>
    internal TimeSpan? Ahead { get; init; }

    internal string? NowColumn { get; init; }

    internal bool ForecastsClasses => Ahead is not null && Target is null;

    internal SquaredError? Objective { get; init; }

    internal int BufferRows { get; init; } = 128;       // rows that a device keeps to learn from

    internal int? MaxVisits { get; init; } = new TrainOptions().MaxVisits;

    /// <summary>True for softmax regression, whose loss has one minimum.</summary>
    internal bool IsConvex { get; init; }

    internal IModelInput? Input { get; init; }

    internal Flow<Batch> Windows(Flow<Batch> rows) =>
        Input?.Windows(rows, this) ?? rows.Window(WindowSamples, HopSamples, new() { Segment = Segment });

    /// <summary>Without injected faults, for evaluation.</summary>
    internal Flow<Batch> Windows(PipelineBuilder p, string name) => Windows(Open(p, name, Playback.Plain).DropNonFinite());

    /// <summary>Event time of each stream's first row.</summary>
    internal static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const double RecordedRate = 50;
    private const int UsualSamples = 128;
    private const int GeneratedDevices = 20;
    private const int GeneratedUnseen = 6;
    private const double GeneratedSeconds = 2400;       // 300 s at eight times the speed: enough rows for a run
    private const double GeneratedUnseenSeconds = 600;

    /// <summary>Generated or recorded rows. <paramref name="windowOf"/>: rows per window at a rate; null for 128.</summary>
    internal static FleetSource From(
        FleetOptions options, double generatedSeconds = GeneratedSeconds, Func<double, int>? windowOf = null) => options.Data is null
        ? Generated(options, generatedSeconds) : Recorded(options.Data, options.Devices, windowOf?.Invoke(RecordedRate) ?? UsualSamples);

    private static FleetSource Generated(FleetOptions options, double seconds)
    {
        var count = options.Devices ?? GeneratedDevices;
        ImmutableArray<string> devices = [.. Enumerable.Range(1, count).Select(i => $"user-{i:000}")];
        ImmutableArray<string> unseen = [.. Enumerable.Range(count + 1, GeneratedUnseen).Select(i => $"user-{i:000}")];
        double SecondsOf(string name) => unseen.Contains(name) ? GeneratedUnseenSeconds : seconds;
        return new(
            $"generated har-stream: {count} users, 6 channels at 50 Hz, {seconds:0} s each; judged on {GeneratedUnseen} unseen users",
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

    private static FleetSource Recorded(DirectoryInfo folder, int? limit, int samples)
    {
        HarRecordings recordings;
        try { recordings = HarRecordings.Open(folder.FullName); }
        catch (HarFormatException e) { throw new ProgramException(e.Message, ExitCode.DataRefused); }

        var (training, judges) = (recordings.People.Except(HarRecordings.TestPeople).ToList(),
            recordings.People.Intersect(HarRecordings.TestPeople).ToList());
        Require(folder, training, "person to learn from", "one whose number is not a test person's");
        Require(folder, judges, "person to evaluate the model on", $"one of the numbers {string.Join(", ", HarRecordings.TestPeople)}");
        if (limit > training.Count)
        {
            throw new ProgramException(
                $"--devices: expected at most {training.Count}, the training people of the recordings, got "
                    + $"{limit}", ExitCode.BadCommandLine);
        }
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

internal interface IModelInput
{
    Flow<Batch> Windows(Flow<Batch> rows, FleetSource source);
}

internal sealed record Playback(double Speed, double Phase, DateTimeOffset Start, bool StayOpen)
{
    internal static Playback Plain { get; } = new(1, 0, FleetSource.Start, false);      // playback as recorded, from the start
}
