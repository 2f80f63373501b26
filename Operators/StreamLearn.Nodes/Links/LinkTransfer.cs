using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Bytes that had to be sent anyway, and how long the link was at it: an estimate for nothing. Immutable.</summary>
/// <param name="Bytes">Bytes, 1 or more.</param>
/// <param name="Time">How long they took, above 0.</param>
public sealed record LinkTransfer(long Bytes, TimeSpan Time) : ISized
{
    /// <inheritdoc />
    public long SizeBytes => 48;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes in {Time.TotalSeconds} s");
}
