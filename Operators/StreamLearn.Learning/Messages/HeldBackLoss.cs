namespace StreamLearn.Learning;

/// <summary>Loss of an update's base version on a device's validation rows.</summary>
/// <param name="Rows">Rows measured, at least 1.</param>
/// <param name="Loss">Mean loss of the version, finite.</param>
/// <param name="BestLoss">Mean loss of the best version so far on the same rows; null: the device holds none.</param>
public readonly record struct HeldBackLoss(int Rows, float Loss, float? BestLoss)
{
    internal bool IsValid => Rows >= 1 && float.IsFinite(Loss) && BestLoss is null or > float.NegativeInfinity and < float.PositiveInfinity;
}
