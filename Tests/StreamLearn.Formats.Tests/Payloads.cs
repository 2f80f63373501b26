namespace StreamLearn.Formats.Tests;

/// <summary>Decodes texts, and makes windows as devices write them.</summary>
internal static class Payloads
{
    internal static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>Decodes a text that must be refused, and says why it was.</summary>
    internal static Refusal Refused(ICodec<Batch> format, ReadOnlySequence<byte> bytes)
    {
        var pool = new BatchPool(guard: true);
        var (read, refusal) = format switch
        {
            JsonFormat json => (json.TryDecode(bytes, pool, out var batch, out var why), why),
            RawFormat raw => (raw.TryDecode(bytes, pool, out var batch, out var why), why),
            _ => throw new ArgumentException("no such format", nameof(format)),
        };
        Assert.False(read);
        Assert.Equal(0, pool.RentedBatches);
        return refusal;
    }

    /// <summary>A path map of one column of float32.</summary>
    internal static JsonFormat Single(string path, bool nullable = false, bool nonFiniteIsMissing = false) => new(new()
    {
        Columns = [new(new("x", ColumnType.Float32, Unit.One, nullable), path)],
        NonFiniteIsMissing = nonFiniteIsMissing,
    });

    /// <summary>Splits a payload into segments of a length.</summary>
    internal static ReadOnlySequence<byte> Split(byte[] bytes, int length)
    {
        Segment? first = null, last = null;
        for (var at = 0; at < bytes.Length; at += length)
        {
            last = new(bytes.AsMemory(at, Math.Min(length, bytes.Length - at)), last);
            first ??= last;
        }
        return first is null ? default : new(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null) { return; }
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
