namespace StreamLearn.Formats;

internal interface INumberRule<T>
    where T : unmanaged
{
    static abstract bool TryFast(ulong digits, int places, uint negative, int power, out T value);

    /// <summary><paramref name="power"/>: the power of ten of the column's unit.</summary>
    static abstract bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out T value);
}
