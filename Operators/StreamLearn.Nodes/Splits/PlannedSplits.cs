using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Where the split of a device is to be, and what that comes to in a round. Seconds and joules are those that the
/// plan predicts.</summary>
/// <param name="Device">The device.</param>
/// <param name="Split">Layers on the device.</param>
/// <param name="Seconds">Seconds of a round.</param>
/// <param name="LocalSeconds">Seconds of a round with all layers on the device.</param>
/// <param name="Joules">Joules of a round on the device.</param>
/// <param name="LocalJoules">Joules of a round with all layers on the device.</param>
/// <param name="BitsPerSecond">Bits a second of its link, as they were predicted.</param>
/// <param name="Load">Factor by which its work takes longer than it said.</param>
public sealed record PlannedSplit(string Device, int Split, double Seconds, double LocalSeconds, double Joules, double LocalJoules,
    double BitsPerSecond, double Load);

/// <summary>A plan for a fleet. Immutable.</summary>
/// <param name="Devices">What is planned for each device, by name.</param>
/// <param name="Why">What made it necessary: a device that joined or left, a round, a link that changed.</param>
/// <param name="Changes">True if the split of a device is another one than before.</param>
/// <param name="At">When.</param>
public sealed record PlannedSplits(ImmutableArray<PlannedSplit> Devices, string Why, bool Changes, DateTimeOffset At) : ISized, IReplaceable
{
    /// <inheritdoc />
    public long SizeBytes => 64 + (128L * Devices.Length);

    /// <inheritdoc />
    public string ReplacementKey => "plan";

    /// <summary>What is planned for a device; null: nothing.</summary>
    /// <param name="device">The device.</param>
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
