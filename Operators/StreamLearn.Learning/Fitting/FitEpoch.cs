namespace StreamLearn.Learning;

/// <summary>What an epoch of fitting has come to. It prints as a line.</summary>
/// <param name="Epoch">Which one, from 1.</param>
/// <param name="Epochs">Epochs at most; <see cref="int.MaxValue"/>: another bound holds.</param>
/// <param name="Loss">Mean loss of the rows that were learned from, as they were.</param>
/// <param name="Validation">How the rows that were held back are answered; null: none were.</param>
/// <param name="BestEpoch">The epoch whose weights are the best so far.</param>
public sealed record FitEpoch(int Epoch, int Epochs, double Loss, Evaluation? Validation, int BestEpoch)
{
    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"epoch {Epoch}")
        + (Epochs == int.MaxValue ? "" : FormattableString.Invariant($" of {Epochs}"))
        + FormattableString.Invariant($": loss {Loss:0.0000}")
        + (Validation is not { } held ? ""
            : (double.IsNaN(held.Accuracy) ? ", validation" : FormattableString.Invariant($", validation {held.Accuracy:P1}"))
                + FormattableString.Invariant($", loss {held.Loss:0.0000}")
                + (BestEpoch == Epoch ? ", the best so far" : $", best: epoch {BestEpoch}"));
}
