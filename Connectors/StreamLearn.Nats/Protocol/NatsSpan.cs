using System.Globalization;

namespace StreamLearn.Nats;

/// <summary>Writes fields of a line into bytes that are enough for them.</summary>
internal ref struct NatsSpan(Span<byte> bytes)
{
    /// <summary>Digits of the largest number.</summary>
    internal const int MaxDigits = 20;

    private readonly Span<byte> _bytes = bytes;

    /// <summary>Bytes written so far.</summary>
    internal int Length { get; private set; }

    internal void Raw(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes[Length..]);
        Length += value.Length;
    }

    /// <summary>Digits of a number.</summary>
    internal static int Digits(ulong number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10) { digits++; }
        return digits;
    }

    /// <summary>A space and a field.</summary>
    internal void Field(scoped ReadOnlySpan<byte> value)
    {
        _bytes[Length++] = (byte)' ';
        Raw(value);
    }

    /// <summary>A space and a number.</summary>
    internal void Field(ulong number)
    {
        _bytes[Length++] = (byte)' ';
        number.TryFormat(_bytes[Length..], out var count, provider: CultureInfo.InvariantCulture);
        Length += count;
    }

    internal void End() => Raw("\r\n"u8);
}
