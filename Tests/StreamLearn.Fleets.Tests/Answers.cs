namespace StreamLearn.Fleets.Tests;

/// <summary>A probe of an aggregator that answers, and what devices tell it.</summary>
internal static class Answers
{
    internal static OperatorProbe Probe(Strategy strategy, AggregateOptions? options = null) =>
        OperatorProbe.From<WeightDelta>((p, flow) => OperatorProbe.Use(
            flow.Aggregate(Updates.Model, strategy, p.Input<Presence>("presences"), (options ?? new()) with { Epoch = options?.Epoch ?? 0 })
                .ControlledBy(p.Input<Weights>("restored")).ControlledBy(p.Input<ConnectionChange>("connections"))));

    internal static Presence Say(string device, PresenceKind kind, ModelVersion? held = null, long epoch = 1) =>
        new() { Device = device, Epoch = epoch, Kind = kind, Held = held };

    /// <summary>What the receipts that wait say, one after the other: the device, then its fates, newest first.</summary>
    internal static List<string> Receipts(this OperatorProbe probe) => [.. probe.TakeAll<Receipt>(port: 2).Select(r =>
        $"{r.Device}/{r.Epoch}: {string.Join(' ', r.Fates.Select(Text))}")];

    /// <summary>The versions that wait: for whom, and which.</summary>
    internal static List<(string? Device, ModelVersion Version)> Versions(this OperatorProbe probe) =>
        [.. probe.TakeAll<Weights>().Select(w => (w.Recipient, w.Id))];

    private static string Text(UpdateFate fate) => $"{fate.Sequence} {fate.Outcome}{(fate.Reason is null ? "" : $"-{fate.Reason}")}";
}
