using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>Where the layers of a device run, as planned. Its name may be shown anywhere.</summary>
/// <param name="Name">The device.</param>
/// <param name="Layers">Layers on the device.</param>
/// <param name="Seconds">Seconds of a round.</param>
/// <param name="LocalSeconds">Seconds of a round with all layers on the device.</param>
/// <param name="Joules">Joules of a round on the device, as modelled; 0: the device does not say what it draws.</param>
/// <param name="LocalJoules">The same with all layers on the device.</param>
/// <param name="BitsPerSecond">Bits a second of its link; 0: not known.</param>
/// <param name="Since">Since when it has so many layers.</param>
/// <param name="Why">What made that plan necessary.</param>
internal readonly record struct PlannedLayers(
    string Name, int Layers, double Seconds, double LocalSeconds, double Joules, double LocalJoules, double BitsPerSecond,
    DateTimeOffset Since, string Why);

/// <summary>The plan in force of the devices that leave layers to the aggregator. Immutable. Its texts may be shown anywhere.</summary>
/// <param name="Devices">The devices that are planned for.</param>
/// <param name="ChangedAt">When the layers of a device changed last.</param>
/// <param name="ChangedWhy">What made that necessary.</param>
internal sealed record PlannedFleet(ImmutableArray<PlannedLayers> Devices, DateTimeOffset ChangedAt, string ChangedWhy)
{
    /// <summary>A plan that comes after another one; null: it is the first.</summary>
    internal static PlannedFleet After(PlannedFleet? before, PlannedSplits plan)
    {
        var why = ShownText.Of(plan.Why);
        var known = before?.Devices.ToLookup(static d => (d.Name, d.Layers));
        var devices = plan.Devices.Take(FleetRecord.MostDevices).Select(d =>
        {
            var name = ShownText.Of(d.Device);
            var same = known is null ? default : known[(name, d.Split)].FirstOrDefault();
            var (since, reason) = same.Name is null ? (plan.At, why) : (same.Since, same.Why);
            return new PlannedLayers(name, d.Split, d.Seconds, d.LocalSeconds, d.Joules, d.LocalJoules, d.BitsPerSecond, since, reason);
        }).ToImmutableArray();
        return before is not null && devices.All(d => d.Since != plan.At) ? before with { Devices = devices } : new(devices, plan.At, why);
    }

    internal static PlannedFleet State(ref StateStream s, PlannedFleet? plan)
    {
        plan ??= new([], DateTimeOffset.UnixEpoch, "");
        return new(s.Items(plan.Devices, FleetRecord.MostDevices, static (ref StateStream s, ref PlannedLayers d) =>
            d = new(s.Value(d.Name ?? ""), s.Value(d.Layers), s.Value(d.Seconds), s.Value(d.LocalSeconds), s.Value(d.Joules),
                s.Value(d.LocalJoules), s.Value(d.BitsPerSecond), s.Time(d.Since) ?? default, s.Value(d.Why ?? ""))),
            s.Time(plan.ChangedAt) ?? default, s.Value(plan.ChangedWhy));
    }
}
