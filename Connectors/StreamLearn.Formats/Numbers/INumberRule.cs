namespace StreamLearn.Formats;

/// <summary>How a number of JSON becomes a value of a column.</summary>
internal interface INumberRule<T>
    where T : unmanaged
{
    /// <summary>Makes digits / 10^places in a few operations.</summary>
    static abstract bool TryFast(ulong digits, int places, uint negative, int power, out T value);

    /// <summary>Makes any number. <paramref name="power"/>: the power of ten of the column's unit.</summary>
    static abstract bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out T value);
}
