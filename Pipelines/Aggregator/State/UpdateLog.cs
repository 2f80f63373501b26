using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;

namespace Aggregator;

/// <summary>Logs each update's outcome to two bounded files. The pipeline never waits for the disk; lines lost are counted in a line.
/// <paramref name="complain"/>: receives failure and recovery.</summary>
/// <remarks>Not part of checkpoints: after a kill, repeated decisions get another line, and an update's last line holds. Starts are
/// marked.</remarks>
internal sealed class UpdateLog(StatusFolder folder, Action<string> complain) : IAsyncDisposable
{
    /// <summary>Maximum size, which the last round may exceed.</summary>
    internal const int MaxBytes = 4 << 20;

    private const int MaxWaiting = 256;
    private const int MaxLineBytes = 1 << 16;

    private readonly Channel<Decided> _waiting =
        Channel.CreateBounded<Decided>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private Task _loop = Task.CompletedTask;
    private long _lost;
    private bool _complained;
    private DateTimeOffset? _start;     // null if the start is already in the file

    private sealed record Decided(DateTimeOffset At, ImmutableArray<Contribution> Contributions, ImmutableArray<RefusedUpdate> Refusals);

    internal void Start(DateTimeOffset at)
    {
        _start = at;
        _loop = Task.Run(WriteAsync);
    }

    /// <summary>Returns immediately.</summary>
    internal void Add(DateTimeOffset at, ImmutableArray<Contribution> accepted, ImmutableArray<RefusedUpdate> refused)
    {
        if (accepted.IsEmpty && refused.IsEmpty) { return; }
        if (!_waiting.Writer.TryWrite(new(at, accepted, refused))) { Interlocked.Add(ref _lost, accepted.Length + refused.Length); }
    }

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
                if (_complained) { complain("updates are recorded again; a line says how many are missing"); }
                _complained = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Interlocked.Add(ref _lost, lost + decided.Contributions.Length + decided.Refusals.Length);
                if (!_complained) { complain($"updates cannot be recorded: {e.Message}"); }
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

    /// <summary>Writes whole lines or none.</summary>
    private void Append(FileStream file, Decided decided, long lost)
    {
        var (end, start) = (file.Length, _start);
        if (start is not null && end > 0)
        {
            end = EndOfLines(file);
            if (end < file.Length) { lost++; }      // a kill left an incomplete line
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
