using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using StreamLearn.Fleets;

namespace StreamLearn.Programs;

/// <summary>Formats ledger lines: each update with a hash, as made by the sensor and accepted by the aggregator, and each round with its
/// applied and refused updates.</summary>
internal sealed class LedgerText : ICodec<string>
{
    private const string NotItsTopic = "not-its-topic";

    public static LedgerText Codec { get; } = new();

    public string Name => "ledger/1";

    public static string Made(WeightDelta update) => $"made {Text(update)}";

    /// <summary>Formats an update accepted by the aggregator, with the topic's owner if that is another device.</summary>
    public static string Took(WeightDelta update) => update.TopicDevice is { } owner
        ? $"{NotItsTopic} {Word(owner)} {Word(update.Device)} {update.Epoch} {update.Sequence}"
        : $"took {Text(update)}";

    /// <summary>Formats a round: the strategy from then on (none for the first), and a line per applied or refused update.</summary>
    public static string Ended(Round round)
    {
        var text = new StringBuilder();
        text.Append($"round {round.Made.Epoch} {round.Version} {round.Strategy}".TrimEnd());
        foreach (var c in round.Contributions) { text.Append($"\napplied {Word(c.Device)} {c.Epoch} {c.Sequence} {c.BaseVersion}"); }
        foreach (var r in round.Refusals) { text.Append($"\nrefused {Word(r.Device)} {r.Epoch} {r.Sequence} {r.Reason}"); }
        return text.ToString();
    }

    public void Encode(string value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value));

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out string value)
    {
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private static string Word(string name) => Uri.EscapeDataString(name);

    private static string Text(WeightDelta u) => $"{Word(u.Device)} {u.Epoch} {u.Sequence} {u.BaseVersion} {u.Samples} {Hash(u):x16}";

    /// <summary>Excludes whether the update was resent and what the device holds now.</summary>
    private static ulong Hash(WeightDelta update)
    {
        var hash = Add(14695981039346656037, MemoryMarshal.AsBytes(update.Values.AsSpan()));
        var loss = BitConverter.SingleToInt32Bits(update.Loss);
        hash = Add(hash, MemoryMarshal.AsBytes([update.BaseEpoch, update.BaseVersion, update.Samples, update.Steps, loss]));
        if (update.Moments is not { } moments) { return hash; }
        hash = Add(hash, MemoryMarshal.AsBytes([moments.Count]));
        hash = Add(hash, MemoryMarshal.AsBytes(moments.Mean.AsSpan()));
        return Add(hash, MemoryMarshal.AsBytes(moments.M2.AsSpan()));
    }

    /// <summary>Source: Fowler, Noll, Vo, FNV-1a.</summary>
    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) { hash = (hash ^ value) * 1099511628211; }
        return hash;
    }
}
