using ZstdSharp;

namespace StreamLearn.Arrow;

/// <summary>Reused memory for decompressed buffers, limited before it is allocated.</summary>
internal sealed class Unpacking(ArrowLimits limits)
{
    private const int LengthBytes = sizeof(long);
    private const int Alignment = 64;

    /// <summary>Bytes up to which any ratio is accepted, because small constant columns compress well.</summary>
    private const int Harmless = 1 << 20;

    private byte[] _memory = [];
    private int _used;
    private bool _isZstandard;
    private Decompressor? _zstandard;

    internal ArrowLimits Limits => limits;

    internal void Begin(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> buffers, bool isZstandard)
    {
        var (total, room) = (0L, 0L);
        _isZstandard = isZstandard;
        for (var i = 0; i < BodyReading.Count(buffers); i++)
        {
            var (offset, length) = BodyReading.Place(buffers, i);
            if (length < LengthBytes || offset < 0 || offset > body.Length || length > body.Length - offset) { continue; }
            var unpacked = BinaryPrimitives.ReadInt64LittleEndian(body.Span[(int)offset..]);
            if (unpacked <= 0) { continue; }
            if (unpacked > limits.MaxMessageBytes) { throw TooMuch(unpacked); }
            total += unpacked;
            if (total > limits.MaxMessageBytes) { throw TooMuch(total); }
            room += Aligned(unpacked);
        }

        if (room > Array.MaxLength - Alignment) { throw TooMuch(total); }
        if (total > Harmless && total / limits.MaxRatio > body.Length)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected at most {limits.MaxRatio} uncompressed bytes per compressed byte, got {total} of {body.Length}"));
        }

        _used = 0;
        if (_memory.Length < room + Alignment) { _memory = GC.AllocateUninitializedArray<byte>((int)room + Alignment, pinned: true); }
    }

    /// <summary>Decompresses a buffer: its length (−1: uncompressed), then an LZ4 or Zstandard frame.</summary>
    internal ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> packed)
    {
        if (packed.IsEmpty) { return packed; }
        if (packed.Length < LengthBytes) { throw new ArrowFormatException("expected the length of a compressed buffer, got its end"); }
        var length = BinaryPrimitives.ReadInt64LittleEndian(packed.Span);
        if (length == -1) { return packed[LengthBytes..]; }
        if (length == 0) { return default; }
        if (length < 0 || length > _memory.Length - _used) { throw TooMuch(length); }
        var target = _memory.AsMemory(_used, (int)length);
        var frame = packed.Span[LengthBytes..];
        var got = _isZstandard ? Zstandard(frame, target.Span) : Lz4Frame.Decode(frame, target.Span);
        if (got != length)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected a compressed buffer of {length} bytes, its declared length, got {got}"));
        }

        _used += (int)Aligned(length);
        return target;
    }

    /// <summary>Decompresses at most the declared length.</summary>
    private int Zstandard(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        try { return (_zstandard ??= new()).Unwrap(packed, target); }
        catch (ZstdException e) { throw new ArrowFormatException($"Zstandard: {e.Message}"); }
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) & -Alignment;

    private ArrowFormatException TooMuch(long bytes) => new(string.Create(CultureInfo.InvariantCulture,
        $"expected compressed buffers of at most {limits.MaxMessageBytes} bytes together, got {bytes}"));
}
