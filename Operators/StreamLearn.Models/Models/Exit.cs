namespace StreamLearn.Models;

/// <summary>An early exit: a head after one of a network's layers.</summary>
/// <param name="After">Trunk layer that feeds the head, from 0.</param>
/// <param name="Head">The head, which computes one score per class.</param>
/// <param name="LossWeight">Weight in the joint loss, at least 0; default 1.</param>
public sealed record Exit(int After, Layer Head, float LossWeight = 1)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"exit {LossWeight} {Head}");
}
