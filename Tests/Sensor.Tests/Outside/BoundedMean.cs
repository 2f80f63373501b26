using StreamLearn.Fleets;

namespace Sensor.Tests;

/// <summary>A strategy by somebody else: the mean update, of which no value moves by more than <paramref name="Most"/>.</summary>
public sealed record BoundedMean(int Devices, float Most) : SynchronousStrategy(Devices, 1)
{
    public override bool AllowsSplit => false;

    protected override Apply Apply => new BoundedStep(Most);

    protected override Directive Sent => Directive with { StepsPerUpdate = 5 };

    internal static Strategy Read(ConfigMap map) =>
        new BoundedMean((int)map["devices"].Whole(1, 100).Required(), (float)map["most"].Number(1e-6, 10).Or(0.1))
        {
            Directive = new() { Pace = TrainPace.LockStep },
        };
}

/// <summary>Moves the model by a bounded mean.</summary>
public sealed record BoundedStep(float Most) : Apply
{
    public override bool Streams => true;

    public override void Add(ServerState state, in WeightedUpdate update)
    {
        var sum = state.Slot("sum");
        for (var i = 0; i < sum.Length; i++) { sum[i] += update.Weight * update.Values[i]; }
    }

    public override void Finish(ServerState state)
    {
        var sum = state.Slot("sum");
        for (var i = 0; i < sum.Length; i++) { state.Weights[i] += Math.Clamp(sum[i] / (float)state.TotalWeight, -Most, Most); }
        sum.Clear();
    }

    public override void Discard(ServerState state) => state.Slot("sum").Clear();
}
