namespace StreamLearn.Operators;

/// <summary>A band of frequencies. The power of a window in it is a column <c>x {name} power</c>, in the unit squared.</summary>
/// <remarks>
/// The power at fₖ = k · rate / n is Pₖ = 2|Xₖ|²/n² for k = 1 … n/2, half of that at k = n/2 of an even n, Xₖ being the discrete Fourier
/// transform of the window less its mean. Nothing weighs the rows and none are added, whatever their number, so that all Pₖ add up to the
/// variance. The band's power is the sum of the Pₖ with <see cref="FromHz"/> ≤ fₖ &lt; <see cref="ToHz"/>; an fₖ within a millionth of the
/// step from one to the next counts as on the edge. Source: Parseval (1799).
/// </remarks>
/// <param name="Name">Its name in that of the column.</param>
/// <param name="FromHz">The lowest frequency, in Hz, at least 0.</param>
/// <param name="ToHz">Where it ends, in Hz, above the lowest; may be infinite.</param>
public sealed record FrequencyBand(string Name, double FromHz, double ToHz)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Name} {FromHz} to {ToHz} Hz");

    /// <summary>Throws if a setting is out of range.</summary>
    internal void Check(string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(Name, parameter);
        if (FromHz >= 0 && FromHz < ToHz && double.IsFinite(FromHz)) { return; }
        throw new ArgumentOutOfRangeException(parameter, this, "expected a band from 0 Hz or more to a higher frequency");
    }
}
