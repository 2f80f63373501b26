namespace StreamLearn.Learning;

/// <summary>What a device measured on the rows that it holds back, of the version that an update was learned from.</summary>
/// <param name="Rows">Rows that it was measured on, at least 1.</param>
/// <param name="Loss">The mean loss of the version, finite.</param>
/// <param name="BestLoss">The mean loss of the best version so far, on the same rows; null: the device holds none.</param>
public readonly record struct HeldBackLoss(int Rows, float Loss, float? BestLoss)
{
    internal bool IsValid => Rows >= 1 && float.IsFinite(Loss) && BestLoss is null or > float.NegativeInfinity and < float.PositiveInfinity;
}
