using System.Collections.Immutable;
using StreamLearn.Nodes;

namespace Aggregator;

/// <summary>The layers of a device, with its sanitized name.</summary>
internal readonly record struct PlannedLayers(
    string Name, int Layers, double Seconds, double LocalSeconds, double Joules, double LocalJoules, double BitsPerSecond,
    DateTimeOffset Since, string Why);

/// <summary>The current plan of devices with a split. Immutable; its strings are sanitized.</summary>
internal sealed record PlannedFleet(ImmutableArray<PlannedLayers> Devices, DateTimeOffset ChangedAt, string ChangedWhy)
{
    /// <summary>The reason shown for devices without a planner.</summary>
    internal const string Fixed = "fixed";

    internal static PlannedFleet After(PlannedFleet? before, PlannedSplits plan)
    {
        var why = ShownText.Of(plan.Why);
        var known = before?.Devices.Where(static d => d.Why != Fixed).ToLookup(static d => (d.Name, d.Layers));
        var devices = plan.Devices.Take(FleetRecord.MaxDevices).Select(d =>
        {
            var name = ShownText.Of(d.Device);
            var same = known is null ? default : known[(name, d.Split)].FirstOrDefault();
            var (since, reason) = same.Name is null ? (plan.At, why) : (same.Since, same.Why);
            return new PlannedLayers(name, d.Split, d.Seconds, d.LocalSeconds, d.Joules, d.LocalJoules, d.BitsPerSecond, since, reason);
        }).ToImmutableArray();
        devices = [.. devices, .. before?.Devices.Where(b => b.Why == Fixed && devices.All(d => d.Name != b.Name)) ?? []];
        return before is not null && devices.All(d => d.Since != plan.At) ? before with { Devices = devices } : new(devices, plan.At, why);
    }

    /// <summary>Plans know more about the planned devices than their rounds do.</summary>
    internal static PlannedFleet? After(PlannedFleet? before, string device, int layers, DateTimeOffset at)
    {
        var (name, devices) = (ShownText.Of(device), before?.Devices ?? []);
        var known = devices.FirstOrDefault(d => d.Name == name);
        var changes = known.Name is null ? devices.Length < FleetRecord.MaxDevices : known.Why == Fixed && known.Layers != layers;
        if (!changes) { return before; }
        return new([.. devices.Where(d => d.Name != name), new(name, layers, 0, 0, 0, 0, 0, at, Fixed)], at, Fixed);
    }

    /// <summary>Plans themselves omit their departed devices.</summary>
    internal PlannedFleet Without(string device) =>
        this with { Devices = Devices.RemoveAll(d => d.Why == Fixed && d.Name == ShownText.Of(device)) };

    internal static PlannedFleet State(ref StateStream s, PlannedFleet? plan)
    {
        plan ??= new([], DateTimeOffset.UnixEpoch, "");
        return new(s.Items(plan.Devices, FleetRecord.MaxDevices, static (ref StateStream s, ref PlannedLayers d) =>
            d = new(s.Value(d.Name ?? ""), s.Value(d.Layers), s.Value(d.Seconds), s.Value(d.LocalSeconds), s.Value(d.Joules),
                s.Value(d.LocalJoules), s.Value(d.BitsPerSecond), s.Time(d.Since) ?? default, s.Value(d.Why ?? ""))),
            s.Time(plan.ChangedAt) ?? default, s.Value(plan.ChangedWhy));
    }
}
