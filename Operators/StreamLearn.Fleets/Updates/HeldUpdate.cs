namespace StreamLearn.Fleets;

/// <summary>A weight of 0 means that it has only moments.</summary>
internal readonly record struct HeldUpdate(WeightDelta Update, float Weight, double Norm)
{
    internal bool IsCapped { get; init; }

    internal UpdateHeader Header => HeaderOf(Update);

    internal static UpdateHeader HeaderOf(WeightDelta update) =>
        new(new(update.Device), update.Epoch, update.Sequence, update.BaseVersion, update.Samples, update.Steps, update.Loss)
        {
            Rows = update.Estimate?.Rows ?? 0,
        };

    /// <summary>Orders updates by device and sequence, independently of arrival.</summary>
    internal static int Order(HeldUpdate a, HeldUpdate b)
    {
        var devices = string.CompareOrdinal(a.Update.Device, b.Update.Device);
        return devices != 0 ? devices : (a.Update.Epoch, a.Update.Sequence).CompareTo((b.Update.Epoch, b.Update.Sequence));
    }
}
