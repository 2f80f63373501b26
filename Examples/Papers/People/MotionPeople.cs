using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>People who wear a motion sensor: those whose devices learn, and those by whom the model is judged, of whom no device has rows.
/// </summary>
internal sealed class MotionPeople
{
    private const int Fleet = 21;
    private const int Unseen = 9;
    private const int ToChooseBy = 6;
    private const double GoldenRatio = 0.618033988749895;

    private static readonly TimeSpan GeneratedLength = TimeSpan.FromMinutes(7);

    private readonly Func<PipelineBuilder, int, double, Flow<Batch>> _open;
    private readonly string? _segment;
    private readonly Lazy<RecordedRows> _judges;

    private MotionPeople(string text, ImmutableArray<int> learners, ImmutableArray<int> judges,
        (TimeSpan Shortest, TimeSpan Length) lengths, Schema columns, string? segment, Func<PipelineBuilder, int, double, Flow<Batch>> open)
    {
        (Text, Learners, Judges, (Shortest, Length), Columns) = (text, learners, judges, lengths, columns);
        (_segment, _open) = (segment, open);
        _judges = new(() => Collect(Judges));
    }

    /// <summary>What it is, for people.</summary>
    public string Text { get; }

    /// <summary>The numbers of those whose devices learn.</summary>
    public ImmutableArray<int> Learners { get; }

    /// <summary>The numbers of those by whom the model is judged.</summary>
    public ImmutableArray<int> Judges { get; }

    /// <summary>How long the rows of the learner come who has the most.</summary>
    public TimeSpan Length { get; }

    /// <summary>How long all learners have rows.</summary>
    public TimeSpan Shortest { get; }

    /// <summary>Columns of their rows.</summary>
    public Schema Columns { get; }

    /// <summary>The windows of those by whom the model is judged.</summary>
    public RecordedRows JudgedBy => _judges.Value;

    /// <summary>The windows of those whose devices learn, all together.</summary>
    public RecordedRows LearnedFrom => Collect(Learners);

    /// <summary>The recorded people: 21 learn, and the 9 of the official test part judge. <paramref name="toChoose"/> true: six of the 21
    /// judge and do not learn, and the test part is left alone: settings are chosen by them.</summary>
    /// <exception cref="HarFormatException">The recordings cannot be read.</exception>
    public static MotionPeople Recorded(string folder, bool toChoose = false)
    {
        var recordings = HarRecordings.Open(folder);
        var (learners, judges) = Split(HarRecordings.TrainingPeople, HarRecordings.TestPeople, toChoose);
        var lengths = learners.Select(person => TimeSpan.FromSeconds(
            (double)recordings.Of(person).Sum(static r => r.Samples + 1) / HarRecordings.SamplesPerSecond)).Order().ToList();
        return new("recordings", learners, judges, (lengths[0], lengths[^1]), HarRecordings.Schema, "recording",
            (p, person, phase) => p.FromHar(recordings, person, new() { Phase = phase }));
    }

    /// <summary>Generated people, as many. <paramref name="toChoose"/> true: six of those who would learn judge instead.</summary>
    public static MotionPeople Generated(long seed, bool toChoose = false)
    {
        var (learners, judges) = Split(
            [.. Enumerable.Range(1, Fleet)], [.. Enumerable.Range(1 + Fleet, Unseen)], toChoose);
        return new("generated har-stream", learners, judges, (GeneratedLength, GeneratedLength), HarStream.Schema, null,
            (p, person, _) => p.FromHarStream(new() { User = person, Seed = seed, Duration = GeneratedLength }));
    }

    /// <summary>The name of a person's device.</summary>
    public static string NameOf(int person) => string.Create(CultureInfo.InvariantCulture, $"person-{person:00}");

    /// <summary>The rows of a device as they were measured. Each begins elsewhere in its recordings: people do not move in step.</summary>
    internal Flow<Batch> Measure(PipelineBuilder p, int person) => _open(p, person, person * GoldenRatio % 1);

    /// <summary>Windows of 128 rows that overlap by half.</summary>
    internal Flow<Batch> Windows(Flow<Batch> rows) => rows.Window(HarNetwork.Samples, HarNetwork.Samples / 2, new() { Segment = _segment });

    private static (ImmutableArray<int> Learners, ImmutableArray<int> Judges) Split(
        ImmutableArray<int> all, ImmutableArray<int> unseen, bool toChoose) =>
        toChoose ? (all[..^ToChooseBy], all[^ToChooseBy..]) : (all, unseen);

    private RecordedRows Collect(ImmutableArray<int> people)
    {
        var collected = new RowCollector(HarNetwork.Samples);
        using var world = new VirtualWorld();
        foreach (var person in people)
        {
            world.Add(Pipeline.Define(NameOf(person), p => Windows(_open(p, person, 0)).ForEach("collect", collected.Add)));
        }

        world.RunToEnd();
        return collected.ToRows();
    }
}
