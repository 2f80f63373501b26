namespace StreamLearn.Fleets;

/// <summary>m ← β₁·m + (1 − β₁)·d; q ← q + d²; w ← w + η·m / (√q + ε). Source: Reddi et al. (2021), FedAdagrad.</summary>
internal sealed record AdagradStep(AdaptiveSettings Settings) : ServerStep
{
    public override void Check() => Check(Settings);

    private protected override void Step(ServerState state, ReadOnlySpan<float> mean)
    {
        var moment = Moment(state, mean, Settings.Beta1);
        var squares = state.Slot("q");
        for (var i = 0; i < squares.Length; i++) { squares[i] = MathF.FusedMultiplyAdd(mean[i], mean[i], squares[i]); }
        Move(state, moment, squares, Settings);
    }
}
