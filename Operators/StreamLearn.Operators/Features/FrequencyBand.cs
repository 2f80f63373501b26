namespace StreamLearn.Operators;

/// <summary>A frequency band. The power of a window in the band is a column <c>x {name} power</c>, in the unit squared.</summary>
/// <remarks> The power at fₖ = k · rate / n is Pₖ = 2|Xₖ|²/n² for k = 1 … n/2, half of that at k = n/2 of an even n, where Xₖ is the
/// discrete Fourier transform of the window minus its mean, without taper or padding: all Pₖ add up to the variance. The band sums the Pₖ
/// with <see cref="FromHz"/> ≤ fₖ &lt; <see cref="ToHz"/>; an fₖ within a millionth of a bin of an edge counts as on it. Source: Parseval
/// (1799). </remarks>
/// <param name="Name">The name of the band in the column.</param>
/// <param name="FromHz">Lowest frequency, in Hz, at least 0.</param>
/// <param name="ToHz">End in Hz, exclusive, above the lowest; may be infinite.</param>
public sealed record FrequencyBand(string Name, double FromHz, double ToHz)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Name} {FromHz} to {ToHz} Hz");

    internal void Check(string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(Name, parameter);
        if (FromHz >= 0 && FromHz < ToHz && double.IsFinite(FromHz)) { return; }
        throw new ArgumentOutOfRangeException(parameter, this, "expected a band from 0 Hz or more to a higher frequency");
    }
}
