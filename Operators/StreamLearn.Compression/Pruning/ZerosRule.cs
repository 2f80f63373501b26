namespace StreamLearn.Compression;

internal sealed class ZerosRule : StepRule
{
    private readonly WeightMask _mask;

    internal ZerosRule(ModelPlan plan, ReadOnlySpan<float> weights)
    {
        _mask = new(plan);
        for (var i = 0; i < weights.Length; i++) { _mask.Kept[i] = weights[i] != 0; }
    }

    internal override void Stepped(Span<float> weights, ReadOnlySpan<float> gradients, int step) => _mask.Apply(weights);
}
