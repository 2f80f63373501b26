namespace StreamLearn.Compression;

internal sealed class ClipRule : StepRule
{
    private readonly (Slice Slice, int Outputs)[] _slices;

    internal ClipRule(Network network) => _slices =
    [
        .. network.Layers.Index().Where(static l => l.Item is LowBitDense { WeightBits: 1 }).Select(l => (
            network.Plan.Find(FormattableString.Invariant($"{l.Index}.low-bit-dense.weight"))!, ((LowBitDense)l.Item).Outputs)),
    ];

    internal override void Stepped(Span<float> weights, ReadOnlySpan<float> gradients, int step)
    {
        foreach (var (slice, _) in _slices)
        {
            foreach (ref var weight in slice.Of(weights)) { weight = Math.Clamp(weight, -1, 1); }
        }
    }

    /// <summary>Sets each weight to its sign times the scale of its output, so that it needs 1 bit in a file.</summary>
    internal void End(Span<float> weights)
    {
        foreach (var (slice, outputs) in _slices)
        {
            var own = slice.Of(weights);
            var scales = new float[outputs];
            LowBits.Scales(1, own, scales);
            for (var i = 0; i < own.Length; i++) { own[i] = own[i] >= 0 ? scales[i % outputs] : -scales[i % outputs]; }
        }
    }
}
