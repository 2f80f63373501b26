using StreamLearn.Operators;

namespace Papers;

/// <summary>People with a motion sensor: those whose devices learn, and those for evaluation, whose rows no device has.</summary>
internal sealed class MotionPeople
{
    private const double GoldenRatio = 0.618033988749895;
    private static readonly TimeSpan GeneratedLength = TimeSpan.FromMinutes(7);
    private readonly Lazy<RecordedRows> _judges;

    private MotionPeople() => _judges = new(() => Collect(Judges, static _ => 0));

    internal required string Text { get; init; }
    internal required ImmutableArray<int> Learners { get; init; }
    internal required ImmutableArray<int> Judges { get; init; }
    internal required Schema Columns { get; init; }

    /// <summary>Durations of the recordings of the training devices with the fewest and with the most rows.</summary>
    internal required (TimeSpan Shortest, TimeSpan Longest) Lengths { get; init; }

    internal RecordedRows JudgedBy => _judges.Value;
    internal RecordedRows LearnedFrom => Collect(Learners, static _ => 0);
    private Func<PipelineBuilder, int, double, Flow<Batch>> Open { get; init; } = null!;
    private string? Segment { get; init; }

    /// <summary>Returns the recorded people of a folder: 21 for training, and the 9 of the official test set for evaluation; null for 30
    /// generated people.</summary>
    internal static MotionPeople Of(string? folder, long seed = 0)
    {
        if (folder is null)
        {
            return new()
            {
                Text = "generated har-stream",
                Learners = [.. Enumerable.Range(1, 21)],
                Judges = [.. Enumerable.Range(22, 9)],
                Columns = HarStream.Schema,
                Lengths = (GeneratedLength, GeneratedLength),
                Open = (p, person, _) => p.FromHarStream(new() { User = person, Seed = seed, Duration = GeneratedLength }),
            };
        }

        var recordings = HarRecordings.Open(folder);
        List<TimeSpan> lengths = [.. HarRecordings.TrainingPeople.Select(person => TimeSpan.FromSeconds(
            (double)recordings.Of(person).Sum(static r => r.Samples + 1) / HarRecordings.SamplesPerSecond)).Order()];
        return new()
        {
            Text = "recordings",
            Learners = HarRecordings.TrainingPeople,
            Judges = HarRecordings.TestPeople,
            Columns = HarRecordings.Schema,
            Lengths = (lengths[0], lengths[^1]),
            Open = (p, person, phase) => p.FromHar(recordings, person, new() { Phase = phase }),
            Segment = "recording",
        };
    }

    internal static string NameOf(int person) => Invariant($"person-{person:00}");

    /// <summary>Returns the rows of a device as measured. Each begins at another point, since people do not move in step.</summary>
    internal Flow<Batch> Measure(PipelineBuilder p, int person) => Open(p, person, PhaseOf(person));

    internal Flow<Batch> Windows(Flow<Batch> rows) => rows.Window(HarNetwork.Samples, HarNetwork.Samples / 2, new() { Segment = Segment });

    internal RecordedRows Learned(int person) => Collect([person], PhaseOf);

    private static double PhaseOf(int person) => person * GoldenRatio % 1;

    private RecordedRows Collect(ImmutableArray<int> people, Func<int, double> phaseOf)
    {
        var collected = new RowCollector(HarNetwork.Samples);
        using var world = new VirtualWorld();
        foreach (var person in people)
        {
            world.Add(Pipeline.Define(NameOf(person), p => Windows(Open(p, person, phaseOf(person))).ForEach("collect", collected.Add)));
        }

        world.RunToEnd();
        return collected.ToRows();
    }
}
