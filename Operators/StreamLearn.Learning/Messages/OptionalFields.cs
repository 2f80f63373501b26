using System.Buffers.Binary;
using System.Text;

namespace StreamLearn.Learning;

/// <summary>Optional fields behind a bit mask of those present. A record lists them once for three passes: measure, write, read. Each call
/// returns its argument, or the value read.</summary>
internal ref struct OptionalFields
{
    private const int PartsBytes = 4;
    private readonly Span<byte> _to;
    private readonly ReadOnlySpan<byte> _from;
    private int _parts;
    private int _known;
    private bool _failed;

    private OptionalFields(Span<byte> to, ReadOnlySpan<byte> from, int parts, bool isReading)
    {
        _to = to;
        _from = from;
        (_parts, IsReading, Bytes) = (parts, isReading, PartsBytes);
    }

    internal bool IsReading { get; }

    internal int Bytes { get; private set; }

    /// <summary>True if the bytes are invalid; discard the record.</summary>
    internal readonly bool Failed => _failed || (IsReading && (_parts & ~_known) != 0);

    internal static OptionalFields Measure() => new(default, default, 0, isReading: false);

    internal static OptionalFields Write(Span<byte> to) => new(to, default, 0, isReading: false);

    internal readonly void End() => BinaryPrimitives.WriteInt32LittleEndian(_to, _parts);

    internal static OptionalFields Read(ReadOnlySpan<byte> from) => from.Length < PartsBytes
        ? new(default, default, 0, isReading: true) { _failed = true }
        : new(default, from, BinaryPrimitives.ReadInt32LittleEndian(from), isReading: true);

    internal int? Int(int bit, int? value)
    {
        if (Has(bit, value is not null, 4, out var at)) { BinaryPrimitives.WriteInt32LittleEndian(_to[at..], value!.Value); }
        return !IsReading ? value : at < 0 ? null : BinaryPrimitives.ReadInt32LittleEndian(_from[at..]);
    }

    internal float? Single(int bit, float? value) => Int(bit, value is { } v ? BitConverter.SingleToInt32Bits(v) : null) is { } bits
        ? BitConverter.Int32BitsToSingle(bits) : null;

    internal TimeSpan? Time(int bit, TimeSpan? value)
    {
        if (Has(bit, value is not null, 8, out var at)) { BinaryPrimitives.WriteInt64LittleEndian(_to[at..], value!.Value.Ticks); }
        return !IsReading ? value : at < 0 ? null : new(BinaryPrimitives.ReadInt64LittleEndian(_from[at..]));
    }

    internal ModelVersion? Version(int bit, ModelVersion? value)
    {
        if (Has(bit, value is not null, 16, out var at))
        {
            BinaryPrimitives.WriteInt64LittleEndian(_to[at..], value!.Value.Epoch);
            BinaryPrimitives.WriteInt64LittleEndian(_to[(at + 8)..], value.Value.Version);
        }

        return !IsReading ? value : at < 0 ? null
            : new(BinaryPrimitives.ReadInt64LittleEndian(_from[at..]), BinaryPrimitives.ReadInt64LittleEndian(_from[(at + 8)..]));
    }

    /// <summary>Two bits, of which at most one is set.</summary>
    internal bool? Truth(int whenTrue, int whenFalse, bool? value)
    {
        Has(whenTrue, value is true, 0, out var isTrue);
        Has(whenFalse, value is false, 0, out var isFalse);
        _failed |= isTrue >= 0 && isFalse >= 0;
        return !IsReading ? value : isTrue >= 0 ? true : isFalse >= 0 ? false : null;
    }

    internal string? Text(int bit, string? value, int maxBytes)
    {
        if (!IsReading)
        {
            var length = value is null ? 0 : Encoding.UTF8.GetByteCount(value);
            if (Has(bit, value is not null, 2 + length, out var to))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(_to[to..], (ushort)length);
                Encoding.UTF8.GetBytes(value, _to[(to + 2)..]);
            }

            return value;
        }

        Has(bit, isGiven: false, 2, out var at);
        if (at < 0) { return null; }
        var bytes = BinaryPrimitives.ReadUInt16LittleEndian(_from[at..]);
        _failed |= bytes == 0 || bytes > maxBytes || bytes > _from.Length - Bytes;
        if (_failed) { return null; }
        Bytes += bytes;
        try
        {
            return FrameReader.Strict.GetString(_from.Slice(at + 2, bytes));
        }
        catch (DecoderFallbackException)
        {
            _failed = true;
            return null;
        }
    }

    private bool Has(int bit, bool isGiven, int bytes, out int at)
    {
        _known |= bit;
        at = -1;
        if (IsReading ? (_parts & bit) == 0 || _failed : !isGiven) { return false; }
        if (IsReading && bytes > _from.Length - Bytes)
        {
            _failed = true;
            return false;
        }

        _parts |= bit;
        at = Bytes;
        Bytes += bytes;
        return !IsReading && !_to.IsEmpty;
    }
}
