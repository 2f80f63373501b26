namespace StreamLearn.Fleets;

/// <summary>A step of a server optimizer. The direction is the weighted mean of the updates, in device order: d = Σ nᵢ·Δᵢ / Σ nᵢ.</summary>
/// <remarks>State: slots <c>sum</c>, empty between rounds, <c>m</c> and <c>q</c>. Source: Reddi et al. (2021), algorithm 2.</remarks>
internal abstract record ServerStep : Apply
{
    public sealed override bool Streams => false;

    public override int Slots => 3;

    public sealed override void Add(ServerState state, in WeightedUpdate update) => WeightedSum.Add(state, update);

    public sealed override void Finish(ServerState state)
    {
        var mean = WeightedSum.Of(state);
        for (var i = 0; i < mean.Length; i++) { mean[i] = (float)(mean[i] / state.TotalWeight); }
        Step(state, mean);
        mean.Clear();
    }

    private protected abstract void Step(ServerState state, ReadOnlySpan<float> mean);

    private protected static void Check(AdaptiveSettings settings)
    {
        CheckRate(settings.LearningRate, nameof(settings.LearningRate));
        CheckKept(settings.Beta1, nameof(settings.Beta1));
        CheckKept(settings.Beta2, nameof(settings.Beta2));
        CheckRate(settings.Epsilon, nameof(settings.Epsilon));
    }

    private protected static Span<float> Moment(ServerState state, ReadOnlySpan<float> mean, float beta)
    {
        var moment = state.Slot("m");
        for (var i = 0; i < moment.Length; i++) { moment[i] = MathF.FusedMultiplyAdd(beta, moment[i], (1 - beta) * mean[i]); }
        return moment;
    }

    private protected static void Move(
        ServerState state, ReadOnlySpan<float> moment, ReadOnlySpan<float> squares, AdaptiveSettings settings)
    {
        var weights = state.Weights;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] += settings.LearningRate * moment[i] / (MathF.Sqrt(squares[i]) + settings.Epsilon);
        }
    }
}
