namespace StreamLearn.Learning;

/// <summary>The loss of an update's base version on the validation rows of a device.</summary>
/// <param name="Rows">Number of measured rows, at least 1.</param>
/// <param name="Loss">Mean loss of the version, finite.</param>
/// <param name="BestLoss">Mean loss of the best version so far on the same rows; null: the device does not have that version.</param>
public readonly record struct HeldBackLoss(int Rows, float Loss, float? BestLoss)
{
    internal bool IsValid => Rows >= 1 && float.IsFinite(Loss) && BestLoss is null or > float.NegativeInfinity and < float.PositiveInfinity;

    internal static HeldBackLoss Fields(ref FrameFields f, HeldBackLoss? held)
    {
        var (rows, loss, best) = (f.Int(held?.Rows), f.Single(held?.Loss), f.Single(held?.BestLoss ?? float.NaN));
        return new(rows, loss, float.IsNaN(best) ? null : best);
    }
}
