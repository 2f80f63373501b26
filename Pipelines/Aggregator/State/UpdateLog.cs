using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>Writes down what became of each update, a line each, in two files of bounded size. The pipeline never waits for the disk: what
/// the disk is too slow for, or too full, is counted and said in a line of its own. <paramref name="complain"/>: told when they cannot be
/// written, and when they can again.</summary>
/// <remarks>Lines are not part of a checkpoint. After a kill, the updates that no checkpoint held are decided again and get another line:
/// the last one of an update holds. A line says where a start was.</remarks>
internal sealed class UpdateLog(StatusFolder folder, Action<string> complain) : IAsyncDisposable
{
    /// <summary>Bytes of a file, but for the last round in it.</summary>
    internal const int MaxBytes = 4 << 20;

    private const int MostWaiting = 256;
    private const int MaxLineBytes = 1 << 16;

    private readonly Channel<Decided> _waiting =
        Channel.CreateBounded<Decided>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private Task _loop = Task.CompletedTask;
    private long _lost;
    private bool _complained;
    private DateTimeOffset? _start;     // null: the file says so

    private sealed record Decided(DateTimeOffset At, ImmutableArray<Contribution> Contributions, ImmutableArray<RefusedUpdate> Refusals);

    /// <summary>Begins to write.</summary>
    internal void Start(DateTimeOffset at)
    {
        _start = at;
        _loop = Task.Run(WriteAsync);
    }

    /// <summary>Takes in what was decided at a time. The caller goes on at once.</summary>
    internal void Add(DateTimeOffset at, ImmutableArray<Contribution> accepted, ImmutableArray<RefusedUpdate> refused)
    {
        if (accepted.IsEmpty && refused.IsEmpty) { return; }
        if (!_waiting.Writer.TryWrite(new(at, accepted, refused))) { Interlocked.Add(ref _lost, accepted.Length + refused.Length); }
    }

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _loop.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await foreach (var decided in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var lost = Interlocked.Exchange(ref _lost, 0);
            try
            {
                Write(decided, lost);
                if (_complained) { complain("updates are written down again, and how many were not"); }
                _complained = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Interlocked.Add(ref _lost, lost + decided.Contributions.Length + decided.Refusals.Length);
                if (!_complained) { complain($"updates are not written down: {e.Message}"); }
                _complained = true;
            }
        }
    }

    private void Write(Decided decided, long lost)
    {
        using (var file = Open())
        {
            if (file.Length < MaxBytes)
            {
                Append(file, decided, lost);
                return;
            }
        }

        File.Move(folder.Updates, folder.OlderUpdates, overwrite: true);
        using var next = Open();
        Append(next, decided, lost);
    }

    private FileStream Open() => new(folder.Updates, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Adds whole lines, or none.</summary>
    private void Append(FileStream file, Decided decided, long lost)
    {
        var (end, start) = (file.Length, _start);
        if (start is not null && end > 0)
        {
            end = EndOfLines(file);
            if (end < file.Length) { lost++; }      // a kill left a part of a line
        }

        var lines = new ArrayBufferWriter<byte>();
        if (start is { } at && end > 0)
        {
            WriteLine(lines, json =>
            {
                json.WriteString("time", StatusJson.Time(at));
                json.WriteBoolean("started", true);
            });
        }

        var time = StatusJson.Time(decided.At);
        if (lost > 0) { WriteLine(lines, json => json.WriteNumber("lost", lost)); }
        foreach (var contribution in decided.Contributions) { WriteLine(lines, json => Write(json, time, contribution)); }
        foreach (var refusal in decided.Refusals) { WriteLine(lines, json => Write(json, time, refusal)); }
        try
        {
            file.SetLength(end);
            file.Position = end;
            file.Write(lines.WrittenSpan);
            file.Flush();
        }
        catch (IOException)
        {
            file.SetLength(end);
            throw;
        }

        _start = null;
    }

    /// <summary>Where the last whole line ends.</summary>
    private static long EndOfLines(FileStream file)
    {
        var bytes = new byte[Math.Min(file.Length, MaxLineBytes)];
        file.Position = file.Length - bytes.Length;
        file.ReadExactly(bytes);
        return file.Length - bytes.Length + bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
    }

    private static void WriteLine(ArrayBufferWriter<byte> lines, Action<Utf8JsonWriter> members)
    {
        lines.Write(StatusJson.Write(members).Span);
        lines.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, string time, in Contribution contribution)
    {
        WriteIdentity(json, time, contribution.Device, contribution.Epoch, contribution.Sequence);
        json.WriteString("result", "accepted");
        json.WriteNumber("base", contribution.BaseVersion);
        json.WriteNumber("staleness", contribution.Staleness);
        json.WriteNumber("samples", contribution.Samples);
        if (float.IsFinite(contribution.Weight)) { json.WriteNumber("weight", contribution.Weight); }
        if (contribution.IsCapped) { json.WriteBoolean("capped", true); }
        if (double.IsFinite(contribution.Norm)) { json.WriteNumber("norm", Math.Round(contribution.Norm, 6)); }
    }

    private static void Write(Utf8JsonWriter json, string time, in RefusedUpdate refusal)
    {
        WriteIdentity(json, time, refusal.Device, refusal.Epoch, refusal.Sequence);
        json.WriteString("result", ShownText.Of(refusal.Reason));
    }

    private static void WriteIdentity(Utf8JsonWriter json, string time, string device, long epoch, long sequence)
    {
        json.WriteString("time", time);
        json.WriteString("device", ShownText.Of(device));
        json.WriteNumber("epoch", epoch);
        json.WriteNumber("sequence", sequence);
    }
}
