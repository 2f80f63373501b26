using System.Globalization;
using System.Security.Cryptography;

namespace StreamLearn.Simulation;

/// <summary>Repeats a run that the dataflow host recorded: the same calls in the recorded order, each with its recorded time. Gives the recorded run's bits.</summary>
public sealed class RunReplay : IDisposable
{
    private readonly List<ReplayedPipeline> _pipelines = [];
    private readonly Dictionary<string, Pipeline> _waiting;
    private readonly Dictionary<(string Source, long Sequence), byte[]> _published = [];
    private readonly Dictionary<string, byte[]> _newest = new(StringComparer.Ordinal);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly CancellationTokenSource _stop = new();
    private readonly long _seed;
    private long _line;

    private RunReplay(IEnumerable<Pipeline> pipelines, long seed)
    {
        _waiting = pipelines.ToDictionary(p => p.Name, StringComparer.Ordinal);
        _seed = seed;
    }

    /// <summary>Calls repeated.</summary>
    public long Calls { get; private set; }

    /// <summary>The newest payload of each topic.</summary>
    public IReadOnlyDictionary<string, byte[]> Newest => _newest;

    /// <summary>The counters of the replayed pipelines, in the order in which they were started.</summary>
    public IReadOnlyList<RunMetrics> Metrics => [.. _pipelines.Select(p => p.Metrics)];

    internal BatchPool Pool { get; } = new();

    /// <summary>Repeats a recorded run.</summary>
    /// <param name="recording">What <see cref="RunRecorder"/> wrote.</param>
    /// <param name="pipelines">The pipelines that ran, made anew; their transports are not used.</param>
    /// <param name="seed">The seed of the recorded run.</param>
    /// <exception cref="ReplayException">The recording is damaged, or is of other pipelines, or holds messages from outside that it did not record.</exception>
    public static RunReplay Run(TextReader recording, IEnumerable<Pipeline> pipelines, long seed)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(pipelines);
        var replay = new RunReplay(pipelines, seed);
        try
        {
            replay.Repeat(recording);
            return replay;
        }
        catch (Exception)
        {
            replay.Dispose();
            throw;
        }
    }

    /// <summary>A hash of everything that was published, in order.</summary>
    public string PublishedSha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Gives back what the pipelines hold.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var pipeline in _pipelines) { pipeline.Dispose(); }
        _hash.Dispose();
        _stop.Dispose();
    }

    internal void Publish(string source, long sequence, Topic topic, byte[] payload)
    {
        _published[(source, sequence)] = payload;
        _newest[topic.Value] = payload;
        _hash.AppendData(payload);
    }

    private void Repeat(TextReader recording)
    {
        _line = 1;
        if (recording.ReadLine() != RunRecorder.Header) { throw Damaged($"expected '{RunRecorder.Header}'"); }
        while (recording.ReadLine() is { } line)
        {
            _line++;
            var parts = line.Split(' ', line.StartsWith('A') ? 6 : line.StartsWith('P') ? 3 : 8);
            switch (parts)
            {
                case ["P", var start, var name]: Start(name, Time(start)); break;
                case ["M", var pipeline, var node, var now]: At(pipeline).Make(Index(node), Time(now)); break;
                case ["A", var pipeline, var node, var sequence, var now, var source]:
                    if (!_published.TryGetValue((source, Number(sequence)), out var payload)) { throw Damaged($"message {sequence} of '{source}' was not published in this run"); }
                    At(pipeline).Arrive(Index(node), payload, Time(now));
                    break;
                case ["C", var pipeline, var node, var kind, var edge, var first, var last, var now]:
                    At(pipeline).Call(Index(node), (CallKind)Index(kind), (int)Number(edge), Number(first), Number(last), Time(now));
                    Calls++;
                    break;
                default: throw Damaged($"expected a call, an arrival or a made message, got '{line}'");
            }
        }
    }

    private void Start(string name, DateTimeOffset start)
    {
        if (!_waiting.Remove(name, out var pipeline)) { throw Damaged($"pipeline '{name}' was not given"); }
        _pipelines.Add(new(this, pipeline, _seed, start, _stop.Token));
    }

    private ReplayedPipeline At(string number)
    {
        var index = Index(number);
        return index < _pipelines.Count ? _pipelines[index] : throw Damaged($"pipeline {number} has not started");
    }

    private long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Damaged($"expected a number, got '{text}'");

    private int Index(string text) => Number(text) is >= 0 and <= int.MaxValue and var index ? (int)index : throw Damaged($"expected an index, got '{text}'");

    private DateTimeOffset Time(string text) => new(Number(text), TimeSpan.Zero);

    private ReplayException Damaged(string what) => new($"recording, line {_line}: {what}");
}

/// <summary>A recording cannot be repeated.</summary>
/// <param name="message">Where and why.</param>
public sealed class ReplayException(string message) : Exception(message);
