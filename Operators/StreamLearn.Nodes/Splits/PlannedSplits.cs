namespace StreamLearn.Nodes;

/// <summary>The planned split of a device, and its predicted cost per round.</summary>
/// <param name="Device">The device.</param>
/// <param name="Split">Layers on the device.</param>
/// <param name="Seconds">Seconds per round.</param>
/// <param name="LocalSeconds">Seconds with all layers on the device.</param>
/// <param name="Joules">Joules on the device.</param>
/// <param name="LocalJoules">Joules with all layers on the device.</param>
/// <param name="BitsPerSecond">Predicted link rate in bits per second.</param>
/// <param name="Load">Ratio of the actual work time to that reported.</param>
public sealed record PlannedSplit(string Device, int Split, double Seconds, double LocalSeconds, double Joules, double LocalJoules,
    double BitsPerSecond, double Load);

/// <summary>The plan of a fleet. Immutable.</summary>
/// <param name="Devices">The plan of each device, by name.</param>
/// <param name="Why">What triggered the plan: a device that joined or left, a round, or a changed link.</param>
/// <param name="Changes">True if any split changed.</param>
/// <param name="At">Time of the plan.</param>
public sealed record PlannedSplits(ImmutableArray<PlannedSplit> Devices, string Why, bool Changes, DateTimeOffset At) : ISized, IReplaceable
{
    /// <inheritdoc />
    public long SizeBytes => 64 + (128L * Devices.Length);

    /// <inheritdoc />
    public string ReplacementKey => "plan";

    /// <summary>Finds the plan of a device; null: none.</summary>
    public PlannedSplit? Of(string device) => Devices.FirstOrDefault(d => d.Device == device);

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"{Why}: {string.Join(", ", Devices.Select(static d => $"{d.Device} {d.Split}"))}");

    internal static void State(ref StateStream s, ref PlannedSplits plan)
    {
        var (why, changes, at) = (s.Value(plan?.Why ?? ""), s.Value(plan?.Changes ?? false), s.Time(plan?.At) ?? default);
        var devices = s.Items(plan?.Devices ?? [], int.MaxValue, static (ref StateStream s, ref PlannedSplit d) =>
            d = new(s.Value(d?.Device ?? ""), s.Value(d?.Split ?? 0), s.Value(d?.Seconds ?? 0), s.Value(d?.LocalSeconds ?? 0),
                s.Value(d?.Joules ?? 0), s.Value(d?.LocalJoules ?? 0), s.Value(d?.BitsPerSecond ?? 0), s.Value(d?.Load ?? 0)));
        if (s.IsReading) { plan = new(devices, why, changes, at); }
    }
}
