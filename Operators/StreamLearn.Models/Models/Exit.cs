namespace StreamLearn.Models;

/// <summary>A place where a network answers: a head after one of its layers.</summary>
/// <param name="After">The layer of the trunk that the head takes its inputs from, from 0.</param>
/// <param name="Head">Makes one score per class from the layer's outputs.</param>
/// <param name="LossWeight">What the head's loss counts in the joint loss, at least 0; default 1.</param>
public sealed record Exit(int After, Layer Head, float LossWeight = 1)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"exit {LossWeight} {Head}");
}
