namespace StreamLearn.Learning;

internal sealed class ReconstructionLoss(Network network, Weights weights) : IAnomalyStatistic
{
    private readonly Memory<float> _values = network.Plan.Aligned(weights.Values.AsSpan());
    private readonly float[] _outputs = new float[network.Plan.Outputs];
    private readonly Workspace _memory = new();

    public int Channel { get; private set; }

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        network.Infer(_values.Span, new Sample(row, 1), _outputs, _memory);
        var (sum, largest) = (0.0, -1.0);
        for (var c = 0; c < row.Length; c++)
        {
            var square = (_outputs[c] - (double)row[c]) * (_outputs[c] - (double)row[c]);
            sum += square;
            if (square > largest) { (largest, Channel) = (square, c); }
        }

        return double.IsFinite(sum) ? Math.Sqrt(sum / row.Length) : double.MaxValue;
    }

    public void State(ref StateStream s)
    {
    }
}
