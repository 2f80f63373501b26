using System.Security.Cryptography;
using System.Text;
using static StreamLearn.Simulation.RecordedWord;

namespace StreamLearn.Simulation;

/// <summary>Repeats a run recorded by the dataflow host, with the recorded order and times, bit for bit.</summary>
public sealed class RunReplay : IDisposable
{
    private readonly List<ReplayedPipeline> _pipelines = [];
    private readonly Dictionary<string, Pipeline> _waiting;
    private readonly Dictionary<(string Source, long Sequence), byte[]> _published = [];
    private readonly Dictionary<(string Source, long Sequence), (Topic Topic, MessageProperties? Properties)> _beside = [];
    private readonly Dictionary<string, byte[]> _newest = new(StringComparer.Ordinal);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<BlockFailedException> _failures = [];
    private readonly StringBuilder _text = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _seed;
    private long _line;
    private bool _disposed;

    private RunReplay(IEnumerable<Pipeline> pipelines, long seed)
    {
        _waiting = pipelines.ToDictionary(p => p.Name, StringComparer.Ordinal);
        _seed = seed;
    }

    /// <summary>Calls repeated.</summary>
    public long Calls { get; private set; }

    /// <summary>The newest payload of each topic.</summary>
    public IReadOnlyDictionary<string, byte[]> Newest => _newest;

    /// <summary>The replayed pipelines' counters, in start order.</summary>
    public IReadOnlyList<RunMetrics> Metrics => [.. _pipelines.Select(p => p.Metrics)];

    /// <summary>Block failures, in recorded order; empty if there were none.</summary>
    public IReadOnlyList<BlockFailedException> Failures => _failures;

    /// <summary>Publications that were compared with the recorded run's; 0 of a recording without content.</summary>
    public long Compared { get; private set; }

    /// <summary>The first publication that differs from the recorded run's; null: none.</summary>
    public string? Difference { get; private set; }

    internal IReadOnlyDictionary<(string Source, long Sequence), byte[]> Published => _published;

    internal BatchPool Pool { get; } = new();

    /// <summary>Repeats a recorded run.</summary>
    /// <param name="recording">The output of <see cref="RunRecorder"/>.</param>
    /// <param name="pipelines">New instances of the recorded pipelines; their transports are unused.</param>
    /// <param name="seed">The recorded run's seed.</param>
    /// <exception cref="ReplayException">The recording is damaged, of other pipelines or another seed, or lacks outside
    /// messages.</exception>
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

    /// <summary>Hashes everything published, in order.</summary>
    public string PublishedSha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Releases the pipelines' resources.</summary>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _stop.Cancel();
        foreach (var pipeline in _pipelines) { pipeline.Dispose(); }
        _hash.Dispose();
        _stop.Dispose();
    }

    internal void Publish(string source, long sequence, Topic topic, byte[] payload, MessageProperties? properties)
    {
        (_published[(source, sequence)], _beside[(source, sequence)]) = (payload, (topic, properties));
        _newest[topic.Value] = payload;
        _hash.AppendData(payload);
    }

    private void Repeat(TextReader recording)
    {
        _line = 1;
        if (ReadLine(recording) != RunRecorder.Header) { throw Damaged($"expected '{RunRecorder.Header}'"); }
        while (ReadLine(recording) is { } line)
        {
            _line++;
            try
            {
                Repeat(line);
            }
            catch (ReplayException e)
            {
                throw Damaged(e.Message, e.LacksMessage);
            }
        }
    }

    private void Repeat(string line)
    {
        var count = line switch
        {
            ['A', ..] => 6,
            ['D' or 'S', ..] => 5,
            ['P', ..] => 4,
            ['K', ..] => 4 + ConnectionText.Words,
            _ => 8,
        };
        var parts = line.Split(' ', count);
        switch (parts)
        {
            case ["P", var start, var seed, var name]: Start(name, Number(seed), Time(start)); break;
            case ["M", var pipeline, var block, var now]:
                var made = Time(now);
                Do(pipeline, block, (at, node) => at.Make(node, made));
                break;
            case ["A", var pipeline, var block, var sequence, var now, var source]:
                _ = Time(now);
                var message = (source, Number(sequence));
                if (!_published.TryGetValue(message, out var payload))
                {
                    throw new ReplayException($"message {sequence} of '{source}' was not published in this run") { LacksMessage = true };
                }

                var (topic, properties) = _beside[message];
                Do(pipeline, block, (at, node) => at.Arrive(node, new(topic, payload, IsRetained: false, properties)));
                break;
            case ["D", var pipeline, var block, var now, var content]:
                _ = Time(now);
                var received = RecordedMessage.TryRead(content) ?? throw new ReplayException("expected a message");
                Do(pipeline, block, (at, node) => at.Arrive(node, received));
                break;
            case ["S", var pipeline, var block, var sequence, var hash]:
                var number = Number(sequence);
                Do(pipeline, block, (at, node) => Compare($"{at.Name}/{node.Name}", number, hash));
                break;
            case ["K", var pipeline, var block, var now, .. var words]:
                _ = Time(now);
                if (!ConnectionText.TryRead(words, out var change)) { throw new ReplayException("expected a change of a connection"); }
                Do(pipeline, block, (at, node) => at.Change(node, change));
                break;
            case ["C", var pipeline, var block, var kind, var edge, var first, var last, var now]:
                var (call, input, from, to, time) = (Kind(kind), Number(edge), Number(first), Number(last), Time(now));
                if (input is < -1 or > int.MaxValue || from > to)
                {
                    throw new ReplayException($"expected an edge and two numbers in order, got '{line}'");
                }

                Do(pipeline, block, (at, node) => at.Call(node, call, (int)input, from, to, time));
                Calls++;
                break;
            default:
                throw new ReplayException($"expected a call, an arrival, a made message or a change, "
                    + $"got '{(line.Length > 80 ? line[..80] : line)}'");
        }
    }

    /// <summary>Forgets the payload: what arrives has its content in the recording.</summary>
    private void Compare(string source, long sequence, string hash)
    {
        Compared++;
        var isEqual = _published.Remove((source, sequence), out var payload) && RecordedMessage.Hash(payload) == hash;
        _beside.Remove((source, sequence));
        if (!isEqual) { Difference ??= $"line {_line}: message {sequence} of '{source}'"; }
    }

    /// <summary>A block's exception also occurred in the recorded run, whose other pipelines continued.</summary>
    private void Do(string pipeline, string block, Action<ReplayedPipeline, Node> action)
    {
        var index = Index(pipeline);
        var at = index < _pipelines.Count ? _pipelines[index] : throw new ReplayException($"pipeline {pipeline} has not started");
        var node = at.NodeAt(Index(block)) ?? throw new ReplayException($"pipeline '{at.Name}' has no block {block}");
        try
        {
            action(at, node);
        }
        catch (Exception e) when (e is not ReplayException)
        {
            _failures.Add(e as BlockFailedException ?? new(at.Name, node.Name, Math.Max(at.Metrics.Blocks[node.Index].ItemsIn, 1), e));
        }
    }

    private void Start(string name, long seed, DateTimeOffset start)
    {
        if (seed != _seed) { throw new ReplayException($"pipeline '{name}' ran with seed {seed}, not {_seed}"); }
        if (!_waiting.Remove(name, out var pipeline)) { throw new ReplayException($"pipeline '{name}' is missing, or starts twice"); }
        try
        {
            _pipelines.Add(new(this, pipeline, _seed, start, _stop.Token));
        }
        catch (Exception e) when (e is not ReplayException)
        {
            throw new ReplayException($"pipeline '{name}' cannot start at {start:O}: {e.Message}");
        }
    }

    /// <summary>Ignores an unterminated last line, which was cut off.</summary>
    private string? ReadLine(TextReader recording)
    {
        _text.Clear();
        for (var c = recording.Read(); c >= 0; c = recording.Read())
        {
            if (c == '\n') { return _text.ToString(); }
            if (c != '\r') { _text.Append((char)c); }
        }

        return null;
    }

    private ReplayException Damaged(string what, bool lacksMessage = false) =>
        new($"recording, line {_line}: {what}") { LacksMessage = lacksMessage };
}

/// <summary>A recording cannot be repeated.</summary>
/// <param name="message">Position and reason.</param>
public sealed class ReplayException(string message) : Exception(message)
{
    /// <summary>True if a message of another program is missing, which only a recording of content keeps
    /// (<see cref="RunRecorder.KeepsContent"/>).</summary>
    public bool LacksMessage { get; init; }
}
