namespace Benchmarks;

/// <summary>The two convolutions of the same network in plain loops, one value at a time: what a compiler makes of the textbook.</summary>
internal static class ScalarHar
{
    private const int Kernel = 9, Stride = 2, Padding = 4, Rows = 1_024;
    internal static Sample Infer(int batch) => Run(batch, backward: false);
    internal static Sample Train(int batch) => Run(batch, backward: true);

    private static Sample Run(int batch, bool backward)
    {
        var network = HarNetwork.Create();
        var (features, _) = HarSteps.Rows(network, batch);
        Convolution[] layers = [new(6, 128, 16), new(16, 64, 32)];
        return HarSteps.Measure(network, (backward ? 3 : 1) * Rows, () =>
        {
            for (var i = 0; i < Rows; i++)
            {
                var row = features.AsSpan(i % batch * network.Plan.Input.Size, network.Plan.Input.Size);
                layers[0].Forward(row);
                layers[1].Forward(layers[0].Outputs);
                if (!backward) { continue; }
                layers[1].Backward(layers[0].Outputs, layers[0].Gradients);
                layers[0].Backward(row, []);
            }
        });
    }

    private sealed class Convolution(int channels, int samples, int filters)
    {
        private readonly float[] _weights = new float[channels * Kernel * filters];
        private readonly float[] _changes = new float[channels * Kernel * filters];
        private readonly int _positions = samples / Stride;
        internal float[] Outputs { get; } = new float[filters * samples / Stride];
        internal float[] Gradients { get; } = new float[filters * samples / Stride];

        internal void Forward(ReadOnlySpan<float> inputs)
        {
            for (var f = 0; f < filters; f++)
            {
                for (var p = 0; p < _positions; p++)
                {
                    float sum = 0;
                    for (var c = 0; c < channels; c++)
                    {
                        for (var j = 0; j < Kernel; j++)
                        {
                            var t = (p * Stride) + j - Padding;
                            if ((uint)t >= (uint)samples) { continue; }
                            sum += inputs[(c * samples) + t] * _weights[(((f * channels) + c) * Kernel) + j];
                        }
                    }
                    Outputs[(f * _positions) + p] = sum;
                }
            }
        }

        internal void Backward(ReadOnlySpan<float> inputs, Span<float> inputGradients)
        {
            inputGradients.Clear();
            for (var f = 0; f < filters; f++)
            {
                for (var p = 0; p < _positions; p++)
                {
                    var gradient = Gradients[(f * _positions) + p];
                    for (var c = 0; c < channels; c++)
                    {
                        for (var j = 0; j < Kernel; j++)
                        {
                            var t = (p * Stride) + j - Padding;
                            if ((uint)t >= (uint)samples) { continue; }
                            var weight = (((f * channels) + c) * Kernel) + j;
                            _changes[weight] += gradient * inputs[(c * samples) + t];
                            if (!inputGradients.IsEmpty) { inputGradients[(c * samples) + t] += gradient * _weights[weight]; }
                        }
                    }
                }
            }
        }
    }
}
