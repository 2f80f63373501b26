using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>The size and the time of a regular transfer, which gives an estimate at no cost. Immutable.</summary>
/// <param name="Bytes">Bytes, at least 1.</param>
/// <param name="Time">Duration, above 0.</param>
public sealed record LinkTransfer(long Bytes, TimeSpan Time) : ISized
{
    /// <inheritdoc />
    public long SizeBytes => 48;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes in {Time.TotalSeconds} s");
}
