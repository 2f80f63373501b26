namespace StreamLearn.Fleets;

/// <summary>Momentum on the server: m ← β·m + d; w ← w + η·m. Source: Hsu, Qi, Brown (2019), FedAvgM.</summary>
internal sealed record MomentumStep(float LearningRate, float Momentum) : ServerStep
{
    public override int Slots => 2;

    public override void Check()
    {
        CheckRate(LearningRate, nameof(LearningRate));
        CheckKept(Momentum, nameof(Momentum));
    }

    private protected override void Step(ServerState state, ReadOnlySpan<float> mean)
    {
        var weights = state.Weights;
        var moment = state.Slot("m");
        for (var i = 0; i < weights.Length; i++)
        {
            moment[i] = MathF.FusedMultiplyAdd(Momentum, moment[i], mean[i]);
            weights[i] = MathF.FusedMultiplyAdd(LearningRate, moment[i], weights[i]);
        }
    }
}
