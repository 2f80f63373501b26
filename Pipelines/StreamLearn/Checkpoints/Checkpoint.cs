using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn;

/// <summary>One part of a checkpoint: the host's data of a block, an operator's state, or the messages on an edge.</summary>
/// <param name="Name">Its owner: <c>block/</c>, <c>state/</c> or <c>edge/</c> and a name.</param>
/// <param name="Format">The format's name and version.</param>
/// <param name="Content">The bytes.</param>
public sealed record CheckpointPart(string Name, string Format, ReadOnlyMemory<byte> Content);

/// <summary>The saved state of a run at one moment, read and checked.</summary>
/// <remarks>Checksums find changed or missing bytes in any part. They do not authenticate the file: protect it from untrusted
/// writers.</remarks>
public sealed class Checkpoint
{
    internal const string RunPart = "run";
    internal const string RunFormat = "run/1";
    internal const string CountsPart = "counts";
    internal const string CountsFormat = "counts/1";
    internal const string ProgramPart = "program";
    private readonly Dictionary<string, CheckpointPart> _byName;
    private readonly HashSet<string> _left;
    private readonly ImmutableArray<CheckpointPart> _all;
    private readonly ImmutableDictionary<string, string> _newNames;      // maps the old block names used by counters to the new names

    private Checkpoint(
        ImmutableArray<CheckpointPart> all, RunHeader header, ReadOnlyMemory<byte> levels, HashSet<string> left,
        ImmutableDictionary<string, string> newNames)
    {
        (_all, Header, Levels, _left, _newNames) = (all, header, levels, left, newNames);
        Parts = [.. all.Where(p => !left.Contains(NameIn(p.Name, "block/")) && !left.Contains(NameIn(p.Name, "state/")))];
        _byName = Parts.ToDictionary(static p => p.Name, StringComparer.Ordinal);
    }

    /// <summary>The pipeline's name.</summary>
    public string Pipeline => Header.Pipeline;

    /// <summary>The checkpoint's number, from 1, over all runs of the pipeline.</summary>
    public long Number => Header.Number;

    /// <summary>When the checkpoint was made, on the run's clock.</summary>
    public DateTimeOffset Time => Header.Time;

    /// <summary>How long the pipeline had run, over all runs.</summary>
    public TimeSpan Elapsed => Header.Elapsed;

    /// <summary>The run's seed.</summary>
    public long Seed => Header.Seed;

    /// <summary>The parts.</summary>
    public ImmutableArray<CheckpointPart> Parts { get; }

    /// <summary>File size in bytes.</summary>
    public long SizeBytes { get; private init; }

    /// <summary>True if the run had ended, by its sources or by a drain: no run can resume from it.</summary>
    public bool HasEnded => Header.HasEnded;

    /// <summary>Newer files that <see cref="Newest"/> skipped because they are damaged: one sentence each, newest first. Work done after
    /// this checkpoint is repeated.</summary>
    public ImmutableArray<string> PassedOver { get; private init; } = [];

    internal RunHeader Header { get; }

    internal ReadOnlyMemory<byte> Levels { get; }

    /// <summary>Reads the newest intact checkpoint in a folder; null if there is none.</summary>
    /// <exception cref="StateException">All checkpoints are damaged, or were written by another version.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static Checkpoint? Newest(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(folder)) { throw new IOException($"expected a folder of checkpoints, got the file '{folder}'"); }
        if (!Directory.Exists(folder)) { return null; }
        using var storage = new FileStorage(folder);
        try { return CheckpointFiles.Read(storage); }
        catch (StateException e)
        {
            throw new StateException($"no checkpoint in '{folder}' can be read. The newest: {e.Message}. Restore an intact one there, or "
                + "start over in another folder");
        }
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="bytes">The whole file; kept, not copied.</param>
    /// <exception cref="StateException">The bytes are damaged, or not a checkpoint of this version.</exception>
    public static Checkpoint Read(ReadOnlyMemory<byte> bytes) => Read(bytes, []);

    internal static Checkpoint Read(ReadOnlyMemory<byte> bytes, ImmutableArray<string> passedOver)
    {
        var all = bytes.Span;
        if (all.Length < StateFrames.PrefixBytes || BinaryPrimitives.ReadUInt32LittleEndian(all) != StateFrames.Magic)
        {
            throw new StateException("expected a checkpoint, got other bytes");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(all[4..]);
        if (version != StateFrames.Version)
        {
            throw new StateException($"expected a checkpoint of version {StateFrames.Version}, got version {version}");
        }

        var parts = ImmutableArray.CreateBuilder<CheckpointPart>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var at = StateFrames.PrefixBytes; ;)
        {
            var part = ReadPart(bytes, ref at);
            if (part.Name.Length > 0)
            {
                if (!names.Add(part.Name)) { throw new StateException($"part '{part.Name}' occurs twice"); }
                parts.Add(part);
                continue;
            }

            StateStream s = new(part.Content.Span, Pools.None);
            if (s.Value(0) != parts.Count || !s.HasEnded || at != all.Length)
            {
                throw new StateException("parts are missing, or bytes follow the last one");
            }

            break;
        }

        if (parts.Count == 0 || parts[0] is not { Name: RunPart, Format: RunFormat } run)
        {
            throw new StateException($"expected '{RunPart}' of the form {RunFormat} first");
        }

        var header = RunHeader.Read(run.Content.Span, out var left);
        return new(parts.ToImmutable(), header, run.Content[^left..], [], ImmutableDictionary<string, string>.Empty)
        { SizeBytes = bytes.Length, PassedOver = passedOver };
    }

    /// <summary>Returns a copy without some blocks, which then restart empty. Messages queued for them are dropped and counted.</summary>
    /// <param name="blocks">The names of the blocks to omit.</param>
    /// <exception cref="ArgumentException">The checkpoint has no such block.</exception>
    public Checkpoint Without(params ReadOnlySpan<string> blocks)
    {
        HashSet<string> left = [.. _left];
        foreach (var block in blocks)
        {
            RequireBlock(block, nameof(blocks));
            left.Add(block);
        }

        return With(_all, left, _newNames);
    }

    /// <summary>Returns a copy in which a block has another name. Its state, queued messages and counters move to the new name.</summary>
    /// <param name="block">Its name in the checkpoint.</param>
    /// <param name="name">Its name in the pipeline.</param>
    /// <exception cref="ArgumentException">The checkpoint has no such block, or already has one of the new name.</exception>
    public Checkpoint Renamed(string block, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RequireBlock(block, nameof(block));
        if (Has(name)) { throw new ArgumentException($"the checkpoint has a block '{name}' already: rename that one first", nameof(name)); }
        var counted = _newNames.FirstOrDefault(n => n.Value == block).Key ?? block;
        return With([.. _all.Select(p => p with { Name = StateMismatches.Renamed(p.Name, block, name) })],
            [.. _left.Select(l => l == block ? name : l)], _newNames.SetItem(counted, name));
    }

    /// <summary>Returns a copy without the program's own state (<see cref="CheckpointOptions.State"/>).</summary>
    public Checkpoint WithoutState() => With([.. _all.Where(static p => p.Name != ProgramPart)], _left, _newNames);

    private Checkpoint With(
        ImmutableArray<CheckpointPart> all, HashSet<string> left, ImmutableDictionary<string, string> newNames) =>
        new(all, Header, Levels, left, newNames) { SizeBytes = SizeBytes, PassedOver = PassedOver };

    /// <summary>Reads the blocks' counters over all runs; empty for a checkpoint of a virtual device. A resumed run continues
    /// them.</summary>
    /// <exception cref="StateException">The counters were written by another version.</exception>
    public RunMetrics ReadMetrics()
    {
        var metrics = new RunMetrics(Pipeline);
        LoadCounts(metrics, adds: true);
        return metrics;
    }

    /// <summary>Restores the program's own state (<see cref="CheckpointOptions.State"/>), if any was saved. A resumed run does so
    /// itself.</summary>
    /// <param name="state">The object to load.</param>
    /// <exception cref="StateException">The saved state has another format or does not fit the object.</exception>
    public void LoadState(IStateful state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (this[ProgramPart] is not { } part) { return; }
        if (!state.Reads(part.Format)) { RequireFormat(part, state.StateFormat); }
        StateStream s = new(part.Content.Span, Pools.None, format: part.Format);
        state.State(ref s);
        if (!s.HasEnded) { throw new StateException($"the program's own state has {s.Left} more bytes than expected"); }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"checkpoint {Number} of '{Pipeline}', {Time:yyyy-MM-ddTHH:mm:ss.fffZ}, {Sizes.Text(SizeBytes)}");

    internal CheckpointPart? this[string name] => _byName.GetValueOrDefault(name);

    internal void LoadState(CheckpointOptions options)
    {
        if (this[ProgramPart] is not { } part) { return; }
        try
        {
            LoadState(options.State ?? throw new StateException(
                $"it has the program's own state ({part.Format}), but CheckpointOptions.State is not set"));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var reason = e is StateException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            throw new StateException($"checkpoint {Number} does not fit: {reason}. Undo the change, or reset the program's own state: "
                + "checkpoint.WithoutState()");
        }
    }

    internal bool IsLeft(string block) => _left.Contains(block);

    internal IEnumerable<(string Block, CheckpointPart Part)> Left =>
        _all.Where(p => _left.Contains(NameIn(p.Name, "block/"))).Select(static p => (p.Name[6..], p));

    internal void LoadCounts(RunMetrics metrics, bool adds = false)
    {
        if (this[CountsPart] is not { } part) { return; }
        RequireFormat(part, CountsFormat);
        StateStream s = new(part.Content.Span, Pools.None);
        metrics.State(ref s, _newNames, adds);
    }

    private bool Has(string block) => _all.Any(p => p.Name == $"block/{block}");

    private void RequireBlock(string block, string parameter)
    {
        if (Has(block)) { return; }
        var known = string.Join(", ", Parts.Where(static p => p.Name.StartsWith("block/", StringComparison.Ordinal))
            .Select(static p => p.Name[6..]));
        throw new ArgumentException($"the checkpoint has no block '{block}': expected one of {known}", parameter);
    }

    private static void RequireFormat(CheckpointPart part, string format)
    {
        if (part.Format == format) { return; }
        throw new StateException($"{StateMismatches.What(part.Name)} has format {part.Format}, expected {format}");
    }

    private static string NameIn(string part, string kind) => part.StartsWith(kind, StringComparison.Ordinal) ? part[kind.Length..] : "";

    private static CheckpointPart ReadPart(ReadOnlyMemory<byte> bytes, ref int at)
    {
        var rest = bytes[at..];
        if (rest.Length < StateFrames.HeaderBytes) { throw new StateException("the checkpoint is cut off"); }
        var length = BinaryPrimitives.ReadInt64LittleEndian(rest.Span);
        if (length < 0 || length > rest.Length - StateFrames.HeaderBytes) { throw new StateException("the checkpoint is cut off"); }
        var frame = rest[..(StateFrames.HeaderBytes + (int)length)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame.Span[8..]) != StateFrames.Checksum(frame.Span))
        {
            throw new StateException($"the checkpoint is damaged in the {length} bytes after byte {at}");
        }

        at += frame.Length;
        StateStream s = new(frame.Span[StateFrames.HeaderBytes..], Pools.None);
        var (name, format) = (s.Value(""), s.Value(""));
        return new(name, format, frame[^s.Left..]);
    }
}

internal readonly record struct RunHeader(string Pipeline, long Number, DateTimeOffset Time, TimeSpan Elapsed, long Seed, bool HasEnded)
{
    // leaves room for later additions
    private const long MaxNumber = long.MaxValue / 2;
    private const long MaxElapsed = 365_000 * TimeSpan.TicksPerDay;

    internal RunHeader State(ref StateStream s)
    {
        var (pipeline, number, time) = (s.Value(Pipeline ?? ""), s.Value(Number), s.Time(Time));
        var (elapsed, seed, hasEnded) = (s.Value(Elapsed.Ticks), s.Value(Seed), s.Value(HasEnded));
        if (s.IsReading && (number is < 1 or > MaxNumber || elapsed is < 0 or > MaxElapsed || time is null))
        {
            throw new StateException($"expected a checkpoint's number and times, got number {number} and {elapsed} ticks");
        }

        return new(pipeline, number, time ?? default, new(elapsed), seed, hasEnded);
    }

    internal static RunHeader Read(ReadOnlySpan<byte> bytes, out int left)
    {
        StateStream s = new(bytes, Pools.None);
        var header = default(RunHeader).State(ref s);
        left = s.Left;
        return header;
    }
}

internal static class Pools
{
    internal static BatchPool None { get; } = new(guard: false);
}
