namespace StreamLearn.Formats;

/// <summary>How a number of JSON becomes a value of a column.</summary>
internal interface INumberRule<T>
    where T : unmanaged
{
    /// <summary>Makes digits / 10^places in a few operations.</summary>
    /// <param name="digits">Up to 19 digits.</param>
    /// <param name="places">Digits after the point, up to 19.</param>
    /// <param name="negative">1 below zero, otherwise 0.</param>
    /// <param name="power">The power of ten of the column's unit.</param>
    /// <param name="value">The value.</param>
    /// <returns>False: it takes <see cref="TryMake"/> to say.</returns>
    static abstract bool TryFast(ulong digits, int places, uint negative, int power, out T value);

    /// <summary>Makes any number. <paramref name="power"/>: the power of ten of the column's unit.</summary>
    /// <returns>False if the column cannot hold it.</returns>
    static abstract bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out T value);
}
