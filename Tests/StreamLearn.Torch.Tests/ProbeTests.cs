using StreamLearn.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>What a module does that would make its answers or steps wrong is refused when the model is made, or when it does so.</summary>
public sealed class ProbeTests
{
    [Fact]
    public void Rows_that_leak_into_each_other_are_refused()
    {
        var slip = Assert.Throws<ArgumentException>(() => Model(3, 2, static () => new Called(static (m, x) =>
            ((TorchSharp.Modules.Linear)m[1]).call(((TorchSharp.Modules.LSTM)m[0]).call(x.transpose(1, 2)).Item1[.., -1]),
            LSTM(2, 6), Linear(6, 3)), new Shape(2, 5))).Message;
        var mean = Assert.Throws<ArgumentException>(() => Model(3, 8, static () => new Called(static (m, x) =>
            ((Module<Tensor, Tensor>)m[0]).call(x + x.mean([0], keepdim: true)), Linear(8, 3)))).Message;
        Assert.Contains("answers that do not depend on other rows of the batch", slip, StringComparison.Ordinal);
        Assert.Contains("batchFirst: true?", mean, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_have_a_row_for_each_row_at_every_call()
    {
        Assert.Throws<ArgumentException>(() => Model(3, 8, static () => new Called(static (m, x) =>
            ((Module<Tensor, Tensor>)m[0]).call(x).t().contiguous(), Linear(8, 3))));
        var few = Model(3, 8, static () => new Called(static (m, x) =>
            ((Module<Tensor, Tensor>)m[0]).call(x) is var y && x.shape[0] > 4 ? y[..1] : y, Linear(8, 3)));
        Assert.Contains("expected scores [6, 3] of 6 rows, got [1, 3]",
            Assert.Throws<InvalidOperationException>(() => Loss(few, 6)).Message, StringComparison.Ordinal);
        var strided = Model(3, 8, static () => new Called(static (m, x) =>
            ((Module<Tensor, Tensor>)m[0]).call(x).t().contiguous().t(), Linear(8, 3)));
        Assert.True(float.IsFinite(Loss(strided, 6)));
    }

    [Fact]
    public void A_factory_gives_the_same_values_each_time_and_finite_ones()
    {
        var calls = 0;
        Assert.Contains("the same values from each call of the factory", Assert.Throws<ArgumentException>(() => Model(3, 8, () =>
        {
            var layer = Linear(8, 3);
            init.constant_(layer.weight!, ++calls);
            return layer;
        })).Message, StringComparison.Ordinal);
        Assert.Contains("expected finite values", Assert.Throws<ArgumentException>(() => Model(3, 8, static () =>
        {
            var layer = Linear(8, 3);
            init.constant_(layer.weight!, double.NaN);
            return layer;
        })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new TorchModel("m", new Shape(8), 3, static () => Linear(8, 3), new() { Threads = 65 }));
        Assert.Throws<ArgumentException>(() => Model(3, 8, static () => new Called(static (_, _) => null!, Linear(8, 3))));
    }

    [Fact]
    public void A_step_has_its_gradient_whatever_the_caller_has_switched_off()
    {
        var model = Model(3, 8, static () => Linear(8, 3));
        var expected = Gradient(model);
        using (no_grad()) { Assert.Equal(expected, Gradient(model)); }
        using (inference_mode()) { Assert.Equal(expected, Gradient(model)); }
    }

    /// <summary>The last batch of an epoch has one row, of which a norm over the batch learns nothing.</summary>
    [Theory, InlineData(800), InlineData(801)]
    public void A_batch_norm_learns_with_a_row_left_over(int rows)
    {
        var random = new RandomStream(1, "rows");
        var features = new float[8 * rows];
        var labels = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            labels[row] = row % 3;
            for (var c = 0; c < 8; c++) { features[(8 * row) + c] = (float)random.NextDouble() + (c == labels[row] ? 1 : 0); }
        }

        var model = Model(3, 8, static () => Sequential(("norm", BatchNorm1d(8)), ("out", Linear(8, 3))));
        var result = model.Fit(new RecordedRows(features, labels), new() { ValidationShare = 0, Epochs = 10 });
        Assert.NotEqual(model.Initial.Sha256(), result.Weights.Sha256());
        Assert.InRange(result.Epochs[^1].Loss, 0, 0.7);
    }

    [Fact]
    public void A_script_whose_bytes_are_damaged_is_refused_before_libtorch_sees_it()
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Scripts", "lstm.pt"));
        var path = Path.GetTempFileName();
        var refused = 0;
        try
        {
            for (var at = 100; at < bytes.Length; at += bytes.Length / 40)
            {
                var damaged = bytes.ToArray();
                damaged[at] ^= 0x10;
                File.WriteAllBytes(path, damaged);
                try
                {
                    TorchModel.FromScript(path, new Shape(3, 16), outputs: 4);
                }
                catch (ArgumentException)
                {
                    refused++;
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.InRange(refused, 20, 41);      // what is between entries is padding
    }

    private static TorchModel Model(int outputs, int features, Func<Module<Tensor, Tensor>> make, Shape? shape = null) =>
        new("m", shape ?? new Shape(features), outputs, make, new() { Seed = 1 });

    private static float Loss(TorchModel model, int rows) => Step(model, rows, new float[model.Plan.Values]);

    private static float[] Gradient(TorchModel model)
    {
        var gradient = new float[model.Plan.Values];
        Step(model, 6, gradient);
        return gradient;
    }

    private static float Step(TorchModel model, int rows, float[] gradient)
    {
        var features = Enumerable.Range(0, 8 * rows).Select(static i => MathF.Sin(i)).ToArray();
        var labels = Enumerable.Range(0, rows).Select(static i => i % 3).ToArray();
        return model.Loss(model.Initial.Values.AsSpan(), new Sample(features, labels), gradient, new Workspace());
    }

    /// <summary>A module of layers and what is called with them.</summary>
    private sealed class Called : Module<Tensor, Tensor>
    {
        private readonly Module[] _layers;
        private readonly Func<Module[], Tensor, Tensor> _call;

        internal Called(Func<Module[], Tensor, Tensor> call, params Module[] layers)
            : base("called")
        {
            (_layers, _call) = (layers, call);
            for (var i = 0; i < layers.Length; i++) { register_module($"m{i}", layers[i]); }
        }

        public override Tensor forward(Tensor input) => _call(_layers, input);
    }
}
