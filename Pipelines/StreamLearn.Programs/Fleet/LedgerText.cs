using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace StreamLearn.Programs;

/// <summary>What stands in the ledgers: an update with the hash of its bits, at the sensor as it was made and at the aggregator as it was
/// taken; and each round with the updates that it applied or refused.</summary>
public sealed class LedgerText : ICodec<string>
{
    private const string NotItsTopic = "not-its-topic";

    /// <summary>The codec.</summary>
    public static LedgerText Codec { get; } = new();

    /// <inheritdoc />
    public string Name => "ledger/1";

    /// <summary>An update as a device made it.</summary>
    /// <param name="update">The update.</param>
    public static string Made(WeightDelta update) => $"made {Text(update)}";

    /// <summary>An update as the aggregator took it; one that is not of its topic, with the device that may publish there.</summary>
    /// <param name="update">The update.</param>
    public static string Took(WeightDelta update) => update.TopicDevice is { } owner
        ? $"{NotItsTopic} {Word(owner)} {Word(update.Device)} {update.Epoch} {update.Sequence}"
        : $"took {Text(update)}";

    /// <summary>A round, with the name of the strategy that is followed from then on (none: the first one), and a line for each update that
    /// it applied or refused.</summary>
    /// <param name="round">The round.</param>
    public static string Ended(Round round)
    {
        var text = new StringBuilder();
        text.Append($"round {round.Made.Epoch} {round.Version} {round.Strategy}".TrimEnd());
        foreach (var c in round.Contributions) { text.Append($"\napplied {Word(c.Device)} {c.Epoch} {c.Sequence} {c.BaseVersion}"); }
        foreach (var r in round.Refusals) { text.Append($"\nrefused {Word(r.Device)} {r.Epoch} {r.Sequence} {r.Reason}"); }
        return text.ToString();
    }

    /// <inheritdoc />
    public void Encode(string value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value));

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out string value)
    {
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>A name from the wire as one word, which ends no line.</summary>
    private static string Word(string name) => Uri.EscapeDataString(name);

    private static string Text(WeightDelta u) => $"{Word(u.Device)} {u.Epoch} {u.Sequence} {u.BaseVersion} {u.Samples} {Hash(u):x16}";

    /// <summary>All that an update says of its rows: not whether it was sent before, nor what the device holds now.</summary>
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
