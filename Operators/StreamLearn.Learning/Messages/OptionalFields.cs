using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>Optional fields after a bit mask of those present. A record lists them once for three passes: measure, write, read. Each call
/// returns its argument, or the value that it read.</summary>
internal ref struct OptionalFields
{
    private const int PartsBytes = 4;
    private readonly Span<byte> _mask;
    private readonly int _length;
    private FrameFields _fields;
    private int _parts;
    private int _known;

    private OptionalFields(Span<byte> to, ReadOnlySpan<byte> from, bool isReading)
    {
        _fields = new(to, from, isReading);
        _length = from.Length;
        if (isReading) { _parts = _fields.Int(null); }
        else { _mask = _fields.Space(PartsBytes); }
    }

    internal readonly bool IsReading => _fields.IsReading;

    internal readonly int Bytes => IsReading ? _length - _fields.Left : _fields.Bytes;

    /// <summary>True if the bytes are invalid; the record must be discarded.</summary>
    internal readonly bool Failed => _fields.Failed || (IsReading && (_parts & ~_known) != 0);

    internal static OptionalFields Measure() => new(default, default, isReading: false);

    internal static OptionalFields Write(Span<byte> to) => new(to, default, isReading: false);

    internal readonly void End() => BinaryPrimitives.WriteInt32LittleEndian(_mask, _parts);

    internal static OptionalFields Read(ReadOnlySpan<byte> from) => new(default, from, isReading: true);

    internal int? Int(int bit, int? value) => Has(bit, value is not null) ? _fields.Int(value) : null;

    internal float? Single(int bit, float? value) => Has(bit, value is not null) ? _fields.Single(value) : null;

    internal TimeSpan? Time(int bit, TimeSpan? value) => Has(bit, value is not null) ? new(_fields.Long(value?.Ticks)) : null;

    internal ModelVersion? Version(int bit, ModelVersion? value) => Has(bit, value is not null) ? _fields.Version(value) : null;

    /// <summary>Two bits, of which at most one is set.</summary>
    internal bool? Truth(int whenTrue, int whenFalse, bool? value)
    {
        var (isTrue, isFalse) = (Has(whenTrue, value is true), Has(whenFalse, value is false));
        _fields.HasRead(!(isTrue && isFalse));
        return isTrue ? true : isFalse ? false : null;
    }

    /// <summary>Null after an error: a record may refuse the empty text.</summary>
    internal string? Text(int bit, string? value, int maxBytes) =>
        Has(bit, value is not null) && _fields.Text(value, maxBytes) is { Length: > 0 } text ? text : null;

    private bool Has(int bit, bool isGiven)
    {
        _known |= bit;
        if (IsReading) { return (_parts & bit) != 0 && !_fields.Failed; }
        _parts |= isGiven ? bit : 0;
        return isGiven;
    }
}
