using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>An update that waits for its round to end. One of weight 0 brings its moments alone.</summary>
internal readonly record struct HeldUpdate(WeightDelta Update, float Weight, double Norm)
{
    /// <summary>True if its device claimed more than it counts for.</summary>
    internal bool IsCapped { get; init; }

    internal UpdateHeader Header => HeaderOf(Update);

    internal static UpdateHeader HeaderOf(WeightDelta update) =>
        new(new(update.Device), update.Epoch, update.Sequence, update.BaseVersion, update.Samples, update.Steps, update.Loss)
        {
            Rows = update.Estimate?.Rows ?? 0,
        };

    /// <summary>The order of devices, and of one device's updates: the order of arrival does not enter it.</summary>
    internal static int Order(HeldUpdate a, HeldUpdate b)
    {
        var devices = string.CompareOrdinal(a.Update.Device, b.Update.Device);
        return devices != 0 ? devices : (a.Update.Epoch, a.Update.Sequence).CompareTo((b.Update.Epoch, b.Update.Sequence));
    }
}
