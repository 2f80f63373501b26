using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using StreamLearn.Aggregation;

namespace Aggregator;

/// <summary>Writes down what became of each update, a line each, in two files of bounded size. The pipeline never waits for the disk: what
/// the disk is too slow for is counted and said in a line of its own.</summary>
/// <param name="folder">Where the files are.</param>
/// <param name="complain">Told once when they cannot be written.</param>
internal sealed class UpdateLog(StatusFolder folder, Action<string> complain) : IAsyncDisposable
{
    /// <summary>Bytes of a file, but for the last round in it.</summary>
    internal const int MaxBytes = 4 << 20;

    private const int MostWaiting = 256;

    private readonly Channel<Decided> _waiting =
        Channel.CreateBounded<Decided>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private Task _loop = Task.CompletedTask;
    private long _lost;
    private bool _complained;

    private sealed record Decided(DateTimeOffset At, ImmutableArray<Contribution> Contributions, ImmutableArray<RefusedUpdate> Refusals);

    /// <summary>Begins to write.</summary>
    internal void Start() => _loop = Task.Run(WriteAsync);

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
            try
            {
                Write(decided, Interlocked.Exchange(ref _lost, 0));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!_complained) { complain($"updates are not written down: {e.Message}"); }
                _complained = true;
            }
        }
    }

    private void Write(Decided decided, long lost)
    {
        if (File.Exists(folder.Updates) && new FileInfo(folder.Updates).Length >= MaxBytes)
        {
            File.Move(folder.Updates, folder.OlderUpdates, overwrite: true);
        }

        using var file = new FileStream(folder.Updates, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var time = StatusJson.Time(decided.At);
        if (lost > 0) { WriteLine(file, json => json.WriteNumber("lost", lost)); }
        foreach (var contribution in decided.Contributions) { WriteLine(file, json => Write(json, time, contribution)); }
        foreach (var refusal in decided.Refusals) { WriteLine(file, json => Write(json, time, refusal)); }
    }

    private static void WriteLine(FileStream file, Action<Utf8JsonWriter> members)
    {
        file.Write(StatusJson.Write(members).Span);
        file.WriteByte((byte)'\n');
    }

    private static void Write(Utf8JsonWriter json, string time, in Contribution contribution)
    {
        WriteIdentity(json, time, contribution.Device, contribution.Epoch, contribution.Sequence);
        json.WriteString("result", "accepted");
        json.WriteNumber("base", contribution.BaseVersion);
        json.WriteNumber("staleness", contribution.Staleness);
        json.WriteNumber("samples", contribution.Samples);
        if (float.IsFinite(contribution.Weight)) { json.WriteNumber("weight", contribution.Weight); }
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
