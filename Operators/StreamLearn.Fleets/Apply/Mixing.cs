namespace StreamLearn.Fleets;

/// <summary>Mixes each device's model into that of the server: w ← (1 − a)·w + a·(b + Δ), where b is the update's base version.</summary>
/// <remarks>Weights are at most 1. Source: Xie, Koyejo, Gupta (2019), FedAsync, algorithm 1; computed as w + a·((b − w) + Δ).</remarks>
internal sealed record Mixing(int Versions) : Apply
{
    public override bool Streams => false;

    public override int Slots => 0;

    public override int Bases => Versions;

    public override bool TreatsStatistics => true;

    public override void Add(ServerState state, in WeightedUpdate update)
    {
        var weights = state.Weights;
        var share = MathF.Min(update.Weight, 1);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = MathF.FusedMultiplyAdd(share, update.Base[i] - weights[i] + update.Values[i], weights[i]);
        }
    }

    public override void Finish(ServerState state) { }
}
