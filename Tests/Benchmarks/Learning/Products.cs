namespace Benchmarks;

/// <summary>
/// Matrix products through the layer that is one: the forward pass of <c>Dense</c> is [rows, inputs] · [inputs, outputs], the gradient of
/// its weights [rows, inputs]ᵀ · [rows, outputs].
/// </summary>
internal sealed class Products
{
    private const double Seconds = 0.2;     // of a repeat
    private readonly int _m, _n, _k;
    private readonly bool _gradient;
    private readonly Dense _layer;
    private readonly float[] _weights, _gradients, _inputs, _outputs, _scratch;

    private Products(int m, int n, int k, bool gradient)
    {
        (_m, _n, _k, _gradient, _layer) = (m, n, k, gradient, new(n));
        var rows = gradient ? k : m;
        var plan = _layer.Plan(new(Inputs));
        _scratch = new float[plan.ScratchValues + (rows * plan.ScratchValuesPerRow)];
        (_weights, _gradients) = (Values((Inputs + 1) * n), new float[(Inputs + 1) * n]);
        (_inputs, _outputs) = (Values(rows * Inputs), Values(rows * n));
    }

    private int Inputs => _gradient ? _m : _k;

    /// <summary>A case: ours beside OpenBLAS, in billions of operations per processor second.</summary>
    internal static Case Case(int m, int n, int k, bool gradient = false)
    {
        var operations = 2.0 * m * n * k;
        string[] request = [$"gemm {m} {n} {k} {(gradient ? 1 : 0)}"];
        return new($"gemm.{m}x{n}x{k}", "GFLOP/s",
            new("streamlearn", TrainRun.Lazily(() =>
            {
                var product = new Products(m, n, k, gradient);
                return new Prepared(product, Measurement.Times(Seconds, times => times * operations / 1e9 / product.Measure(times).Value));
            }, p => p.Measure())),
            Peers.Numpy.Rate("openblas", request[0], Seconds, operations / 1e9))
        {
            HigherIsBetter = true,
            Repeats = 7,
        };
    }

    private static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) % 1000 / 500f) - 1)];

    private Sample Measure(int times) => Measurement.PerProcessorSecond(() =>
    {
        for (var i = 0; i < times; i++) { Call(); }
        return 2.0 * _m * _n * _k * times / 1e9;
    });

    private void Call()
    {
        if (_gradient)
        {
            _layer.Backward(new()
            {
                Input = new(Inputs),
                Rows = _k,
                Weights = _weights,
                Inputs = _inputs,
                OutputGradients = _outputs,
                Gradients = _gradients,
                Scratch = _scratch,
            });
        }
        else
        {
            _layer.Forward(new()
            {
                Input = new(Inputs),
                Rows = _m,
                Weights = _weights,
                Inputs = _inputs,
                Outputs = _outputs,
                Scratch = _scratch,
            });
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_m}x{_n}x{_k}");

    private sealed record Prepared(Products Product, int Times)
    {
        internal Sample Measure()
        {
            var peak = FmaPeak.Measure();
            var sample = Product.Measure(Times);
            return sample with { Details = new Dictionary<string, double> { ["fma_peak"] = peak, ["of_peak"] = sample.Value / peak } };
        }
    }
}
