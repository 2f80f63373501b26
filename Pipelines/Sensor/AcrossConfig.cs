using System.Collections.Immutable;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Sensor;

/// <summary>How a device and the aggregator divide the layers that answer.</summary>
internal sealed record AcrossConfig(TimeSpan Within, bool IsEdge)
{
    private static readonly TimeSpan UsualWithin = TimeSpan.FromMilliseconds(200);
    private static readonly ImmutableArray<string> Planned = ["planner", "alpha", "watts"];

    internal string Planner { get; private init; } = Fastest;

    private const string Fastest = "fastest", Energy = "energy", Surgeon = "neurosurgeon", Exits = "exits";

    private double Alpha { get; init; } = 0.5;

    private PowerProfile Power { get; init; } = PowerProfile.None;

    internal static (AcrossConfig? Across, PartsConfig? Parts) Read(ConfigMap map, ModelConfig model)
    {
        var where = map["where", "runs the layers: device; [both](../guides/infer-across.md); aggregator, except the first; "
                + "[nodes](../guides/parts.md), a part each"]
            .Word("here", "auto", "edge", "parts").Or("here");
        var within = map["within", "time limit of others, then the device answers alone"]
            .Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)).Or(UsualWithin, isShown: where != "here");
        var planner = map["planner", "`auto`: [divides the layers](../guides/infer-across.md#planners)"]
            .Word(Fastest, Energy, Surgeon, Exits).Or(Fastest, isShown: where == "auto");
        var alpha = map["alpha", "`energy`: weight of time against the device's energy; 1: time alone"]
            .Number(0, 1).Or(0.5, isShown: planner == Energy);
        var watts = map["watts", "`energy`, `exits`: power of the device in W to compute, send and receive"]
            .List(static e => e.Number(0, 10_000).Required(), 3, 3).OrNull() ?? [];
        var nodes = map["nodes", "`parts`: relative speeds of nodes, each with `streamlearn-sensor node`; "
                + "`here`: the device's, 0 if left out"].As("`NODE: number`", "none");
        if (where != "parts") { map.RefuseGiven(["nodes"], static _ => "expected 'where: parts' too"); }
        if (where == "here")
        {
            map.RefuseGiven(["within", .. Planned], static _ =>
                "expected 'where: auto' or 'where: edge' too: devices on their own answer at once");
            return (null, null);
        }

        map.RefuseGiven(where == "parts" ? ["model", "work", "exits", "leave"] : ["model", "work", "exits"],
            static key => $"expected no '{key}' if the aggregator answers too: both sides run the fleet's newest version");
        if (where == "auto") { CheckPlanned(map, planner, model); }
        else { map.RefuseGiven(Planned, key => $"expected 'where: auto' with '{key}': '{where}' plans nothing"); }
        return where == "parts" ? (null, PartsConfig.Read(map, nodes, model, within)) : (new(within, where == "edge")
        {
            Planner = planner,
            Alpha = alpha,
            Power = watts is not [var computing, var sending, var receiving] ? PowerProfile.None
                : new() { ComputingWatts = computing, SendingWatts = sending, ReceivingWatts = receiving },
        }, null);
    }

    /// <summary>Returns the rule that chooses the cut.</summary>
    internal CutRule Rule(ModelConfig model) => Planner switch
    {
        Energy => CutRule.By(new Steady(new ComputationExit()), new() { Alpha = Alpha }, Power),
        Surgeon => CutRule.By(new Steady(new Neurosurgeon())),
        Exits when model.Exits is { } curve => CutRule.Exits(model.Create(), curve, within: Within, power: Power),
        _ => CutRule.Fastest,
    };

    private static void CheckPlanned(ConfigMap map, string planner, ModelConfig model)
    {
        if (planner != Energy) { map.RefuseGiven(["alpha"], static _ => "expected 'planner: energy' too"); }
        if (planner is Fastest or Surgeon) { map.RefuseGiven(["watts"], static _ => "expected 'planner: energy' or 'planner: exits' too"); }
        if (planner == Energy && map["watts"].IsAbsent)
        {
            map["planner"].Refuse("expected 'watts: [COMPUTING, SENDING, RECEIVING]' too: the energy is modelled from them");
        }

        if (planner != Exits) { return; }
        map.RefuseGiven(["leave"], static _ => "expected no 'leave' with 'planner: exits', which chooses when a window exits");
        if (model.Exits is null)
        {
            map["planner"].Refuse("expected 'file' under model with measured exits: 'streamlearn fit --fleet --model conv' writes it");
        }
    }
}
