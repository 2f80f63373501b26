using System.Security.Cryptography;
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
    private readonly CancellationTokenSource _stop = new();
    private readonly long _seed;
    private readonly bool _keepsPublished;
    private bool _disposed;

    private RunReplay(IEnumerable<Pipeline> pipelines, long seed, bool keepsPublished)
    {
        _waiting = pipelines.ToDictionary(p => p.Name, StringComparer.Ordinal);
        (_seed, _keepsPublished) = (seed, keepsPublished);
    }

    /// <summary>Number of repeated calls.</summary>
    public long Calls { get; private set; }

    /// <summary>The newest payload of each topic.</summary>
    public IReadOnlyDictionary<string, byte[]> Newest => _newest;

    /// <summary>The counters of the replayed pipelines, in start order.</summary>
    public IReadOnlyList<RunMetrics> Metrics => [.. _pipelines.Select(p => p.Metrics)];

    /// <summary>Block failures, in recorded order; empty if there were none.</summary>
    public IReadOnlyList<BlockFailedException> Failures => _failures;

    /// <summary>Publications compared with the recorded run; 0 for a recording without content.</summary>
    public long Compared { get; private set; }

    /// <summary>The first publication that differs from the recorded run; null: none.</summary>
    public string? Difference { get; private set; }

    internal IReadOnlyDictionary<(string Source, long Sequence), byte[]> Published => _published;

    internal BatchPool Pool { get; } = new();

    /// <summary>Repeats a recorded run.</summary>
    /// <param name="recording">The output of <see cref="RunRecorder"/>.</param>
    /// <param name="pipelines">New instances of the recorded pipelines; their transports are unused.</param>
    /// <param name="seed">The recorded run's seed.</param>
    /// <exception cref="ReplayException">The recording is damaged, was made with other pipelines or another seed, or lacks messages from
    /// outside.</exception>
    public static RunReplay Run(TextReader recording, IEnumerable<Pipeline> pipelines, long seed)
    {
        ArgumentNullException.ThrowIfNull(recording);
        return Run([recording], pipelines, seed);
    }

    /// <summary>Repeats runs that were recorded apart and exchanged messages: each waits for what another one has to publish.</summary>
    /// <param name="recordings">The outputs of several <see cref="RunRecorder"/>; each starts its own pipelines.</param>
    /// <param name="pipelines">New instances of the recorded pipelines; their transports are unused.</param>
    /// <param name="seed">The recorded runs' seed.</param>
    /// <exception cref="ReplayException">A recording is damaged, of other pipelines or another seed, or all lack a message.</exception>
    public static RunReplay Run(IReadOnlyList<TextReader> recordings, IEnumerable<Pipeline> pipelines, long seed)
    {
        ArgumentNullException.ThrowIfNull(recordings);
        ArgumentNullException.ThrowIfNull(pipelines);
        var replay = new RunReplay(pipelines, seed, keepsPublished: recordings.Count > 1);
        try
        {
            replay.Repeat([.. recordings.Select((r, i) =>
                new ReplayedRecording(r, recordings.Count == 1 ? "" : FormattableString.Invariant($" {i + 1} of {recordings.Count}")))]);
            return replay;
        }
        catch (Exception)
        {
            replay.Dispose();
            throw;
        }
    }

    /// <summary>Returns a hash of all publications, in order.</summary>
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

    /// <summary>Each goes as far as it can, in turn; messages are published before they arrive, so one always can.</summary>
    private void Repeat(List<ReplayedRecording> recordings)
    {
        foreach (var recording in recordings)
        {
            if (recording.Next() != RunRecorder.Header) { throw recording.Damaged($"expected '{RunRecorder.Header}'"); }
        }

        recordings.ForEach(static r => r.Next());
        for (var before = -1L; recordings.Find(static r => r.Line is not null) is { } open;)
        {
            recordings.ForEach(Repeat);
            var done = recordings.Sum(static r => r.Number);
            if (done == before) { throw open.Lacking!; }
            before = done;
        }
    }

    /// <summary>Stops at the end, or before an arrival whose message is not published yet.</summary>
    private void Repeat(ReplayedRecording recording)
    {
        for (; recording.Line is { } line; recording.Next())
        {
            try { Repeat(recording, line); }
            catch (ReplayException e) when (e.LacksMessage)
            {
                recording.Lacking = recording.Damaged(e.Message, lacksMessage: true);
                return;
            }
            catch (ReplayException e) { throw recording.Damaged(e.Message); }
        }
    }

    private void Repeat(ReplayedRecording recording, string line)
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
            case ["P", var start, var seed, var name]: Start(recording, name, Number(seed), Time(start)); break;
            case ["M", var pipeline, var block, var now]:
                var made = Time(now);
                Do(recording, pipeline, block, (at, node) => at.Make(node, made));
                break;
            case ["A", var pipeline, var block, var sequence, var now, var source]:
                _ = Time(now);
                var message = (source, Number(sequence));
                if (!_published.TryGetValue(message, out var payload))
                {
                    throw new ReplayException($"message {sequence} of '{source}' was not published in this run") { LacksMessage = true };
                }

                var (topic, properties) = _beside[message];
                Do(recording, pipeline, block, (at, node) => at.Arrive(node, new(topic, payload, IsRetained: false, properties)));
                break;
            case ["D", var pipeline, var block, var now, var content]:
                _ = Time(now);
                var received = RecordedMessage.TryRead(content) ?? throw new ReplayException("expected a message");
                Do(recording, pipeline, block, (at, node) => at.Arrive(node, received));
                break;
            case ["S", var pipeline, var block, var sequence, var hash]:
                var number = Number(sequence);
                Do(recording, pipeline, block, (at, node) => Compare(recording, $"{at.Name}/{node.Name}", number, hash));
                break;
            case ["K", var pipeline, var block, var now, .. var words]:
                _ = Time(now);
                if (!ConnectionText.TryRead(words, out var change)) { throw new ReplayException("expected a change of a connection"); }
                Do(recording, pipeline, block, (at, node) => at.Change(node, change));
                break;
            case ["C", var pipeline, var block, var kind, var edge, var first, var last, var now]:
                var (call, input, from, to, time) = (Kind(kind), Number(edge), Number(first), Number(last), Time(now));
                if (input is < -1 or > int.MaxValue || from > to)
                {
                    throw new ReplayException($"expected an edge and two numbers in order, got '{line}'");
                }

                Do(recording, pipeline, block, (at, node) => at.Call(node, call, (int)input, from, to, time));
                Calls++;
                break;
            default:
                throw new ReplayException($"expected a call, an arrival, a made message or a change, "
                    + $"got '{(line.Length > 80 ? line[..80] : line)}'");
        }
    }

    /// <summary>Forgets the payload, unless another recording may need it: what arrives has its content in this one.</summary>
    private void Compare(ReplayedRecording recording, string source, long sequence, string hash)
    {
        Compared++;
        var isEqual = _published.TryGetValue((source, sequence), out var payload) && RecordedMessage.Hash(payload) == hash;
        if (!_keepsPublished)
        {
            _published.Remove((source, sequence));
            _beside.Remove((source, sequence));
        }

        if (!isEqual) { Difference ??= $"{recording.Place}: message {sequence} of '{source}'"; }
    }

    /// <summary>An exception of a block also occurred in the recorded run, whose other pipelines continued.</summary>
    private void Do(ReplayedRecording recording, string pipeline, string block, Action<ReplayedPipeline, Node> action)
    {
        var index = Index(pipeline);
        var at = index < recording.Pipelines.Count ? recording.Pipelines[index]
            : throw new ReplayException($"pipeline {pipeline} has not started");
        var node = at.NodeAt(Index(block)) ?? throw new ReplayException($"pipeline '{at.Name}' has no block {block}");
        try { action(at, node); }
        catch (Exception e) when (e is not ReplayException)
        {
            _failures.Add(e as BlockFailedException ?? new(at.Name, node.Name, Math.Max(at.Metrics.Blocks[node.Index].ItemsIn, 1), e));
        }
    }

    private void Start(ReplayedRecording recording, string name, long seed, DateTimeOffset start)
    {
        if (seed != _seed) { throw new ReplayException($"pipeline '{name}' ran with seed {seed}, not {_seed}"); }
        if (!_waiting.Remove(name, out var pipeline)) { throw new ReplayException($"pipeline '{name}' is missing, or starts twice"); }
        try
        {
            _pipelines.Add(new(this, pipeline, _seed, start, _stop.Token));
            recording.Pipelines.Add(_pipelines[^1]);
        }
        catch (Exception e) when (e is not ReplayException)
        {
            throw new ReplayException($"pipeline '{name}' cannot start at {start:O}: {e.Message}");
        }
    }
}

/// <summary>A recording cannot be repeated.</summary>
public sealed class ReplayException(string message) : Exception(message)
{
    /// <summary>True if a message from another program is missing. Only a recording with content has these messages
    /// (<see cref="RunRecorder.KeepsContent"/>).</summary>
    public bool LacksMessage { get; init; }
}
