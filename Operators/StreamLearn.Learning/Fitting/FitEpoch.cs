namespace StreamLearn.Learning;

/// <summary>The result of a fitting epoch. It prints as one line.</summary>
/// <param name="Epoch">Number, from 1.</param>
/// <param name="Epochs">Maximum number of epochs; <see cref="int.MaxValue"/>: another limit applies.</param>
/// <param name="Loss">Mean loss of the training rows.</param>
/// <param name="Validation">Evaluation of the held-out rows; null: none.</param>
/// <param name="BestEpoch">The best epoch so far.</param>
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
