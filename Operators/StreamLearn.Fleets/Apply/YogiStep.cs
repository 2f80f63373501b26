namespace StreamLearn.Fleets;

/// <summary>m ← β₁·m + (1 − β₁)·d; q ← q − (1 − β₂)·d²·sign(q − d²); w ← w + η·m / (√q + ε). Source: Reddi et al. (2021).</summary>
internal sealed record YogiStep(AdaptiveSettings Settings) : ServerStep
{
    public override void Check() => Check(Settings);

    private protected override void Step(ServerState state, ReadOnlySpan<float> mean)
    {
        var moment = Moment(state, mean, Settings.Beta1);
        var squares = state.Slot("q");
        for (var i = 0; i < squares.Length; i++)
        {
            var square = mean[i] * mean[i];
            squares[i] -= (1 - Settings.Beta2) * square * MathF.Sign(squares[i] - square);
        }

        Move(state, moment, squares, Settings);
    }
}
