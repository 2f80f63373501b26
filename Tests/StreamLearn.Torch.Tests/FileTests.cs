using StreamLearn.Models;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>Model files of kind <c>torch</c>, slices, and what a model says of itself.</summary>
public sealed class FileTests
{
    [Fact]
    public void A_file_names_its_model_and_is_loaded_with_it_alone()
    {
        var model = Valves("valves", 8);
        var weights = model.Initial with { Version = 7, Values = [.. model.Initial.Values.Select(static v => v + 1)] };
        var card = new ModelCard { Labels = ["open", "shut"] };

        var bytes = ModelFile.Save(model, weights, card);
        var loaded = ModelFile.Load(bytes, model);

        Assert.Same(model, loaded.Model);
        Assert.Equal((7, weights.Sha256()), (loaded.Weights.Version, loaded.Weights.Sha256()));
        Assert.Equal(card, loaded.Card);
        Assert.Equal(bytes, ModelFile.Save(loaded.Model, loaded.Weights, loaded.Card));
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        Assert.Contains("\"a.weight\":{\"dtype\":\"F32\",\"shape\":[8,3]", text, StringComparison.Ordinal);
        Assert.Contains("""
            "graph":"{\"model\":\"torch\",\"name\":\"valves\",\"values\":66}"
            """, text, StringComparison.Ordinal);
        Assert.Contains("expected this model as an argument of Load", Refused(null), StringComparison.Ordinal);
        Assert.Contains("'valves' of 66 values", Refused(Valves("pumps", 8)), StringComparison.Ordinal);
        Assert.Contains("'valves' of 66 values", Refused(new SoftmaxRegression(3, 2)), StringComparison.Ordinal);
        Assert.Contains("of 66 values", Refused(Valves("valves", 9)), StringComparison.Ordinal);

        string Refused(IModel? expected) => Assert.Throws<ModelFormatException>(() => ModelFile.Load(bytes, expected)).Message;
    }

    [Fact]
    public void Weight_decay_leaves_gains_and_biases_alone()
    {
        var model = new TorchModel("norms", new(4, 8), 2, static () => Sequential(("a", Conv1d(4, 4, 3, padding: 1)),
            ("layer", LayerNorm([4, 8])), ("slope", PReLU(4)), ("group", GroupNorm(2, 4)), ("f", Flatten()), ("b", Linear(32, 2))));
        string[] spared = ["a.bias", "layer.gain", "layer.bias", "slope.gain", "group.gain", "group.bias", "b.bias"];
        var weights = model.Initial.Values.ToArray();
        new AdamW(0.1f, WeightDecay: 0.5f).Step(model.Plan, weights, new float[weights.Length], new float[2 * weights.Length], 1);
        foreach (var slice in model.Plan.Slices)
        {
            var stays = slice.Of(weights.AsSpan()).SequenceEqual(slice.Of(model.Initial.Values.AsSpan()));
            Assert.Equal(spared.Contains(slice.Name), stays);
        }

        Assert.Contains(new TorchModel("lstm", new(3, 8), 2, static () => new LstmNet(3, 4, 2)).Plan.Slices,
            static s => s.Name == "lstm.bias_ih_l0.bias");
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_frozen()
    {
        var model = new TorchModel("half", new(3), 2, static () =>
        {
            var fixedPart = Linear(3, 4);
            foreach (var parameter in fixedPart.parameters()) { parameter.requires_grad = false; }
            return Sequential(("fixed", fixedPart), ("r", ReLU()), ("head", Linear(4, 2)));
        });
        var gradients = new float[model.Plan.Values];
        model.Loss(model.Initial.Values.AsSpan(), Rows.Of(new(3), 4, 2).Sample, gradients, new());
        SliceKind[] kinds = [SliceKind.Frozen, SliceKind.Frozen, SliceKind.Trained, SliceKind.Trained];
        Assert.Equal(kinds, model.Plan.Slices.Select(static s => s.Kind));
        Assert.All(model.Plan.Slices, s => Assert.Equal(s.Kind == SliceKind.Trained, s.Of(gradients.AsSpan()).ContainsAnyExcept(0)));
    }

    [Fact]
    public void Models_are_equal_by_what_they_are_and_the_plan_of_memory_says_that_it_is_an_estimate()
    {
        var (a, b) = (Valves("valves", 8), Valves("valves", 8));
        Assert.Equal(a, b);
        Assert.Equal(a.Structure, b.Structure);
        Assert.NotEqual(a, Valves("pumps", 8));
        Assert.NotEqual(a.Plan.SchemaHash, Valves("pumps", 8).Plan.SchemaHash);
        Assert.NotEqual(a, new TorchModel("valves", new(3), 2, () => Net(8), new() { Seed = 1 }));
        var started = a.StartingFrom(a.Initial with { Values = [.. a.Initial.Values.Select(static v => 2 * v)] });
        Assert.NotEqual(a, started);
        Assert.Equal(a.Plan.SchemaHash, started.Plan.SchemaHash);
        var memory = a.Memory(32, new Adam(0.001f));
        Assert.True(memory.IsEstimate);
        Assert.Equal((264, 528), (memory.ParameterBytes, memory.OptimizerBytes));
        Assert.InRange(memory.TapeBytes, 32 * 4 * (8 + 8 + 2), 1 << 20);
        Assert.EndsWith("tape and scratch are estimated", memory.ToString(), StringComparison.Ordinal);
    }

    private static TorchModel Valves(string name, int hidden) => new(name, new(3), 2, () => Net(hidden));

    private static TorchSharp.Modules.Sequential Net(int hidden) =>
        Sequential(("a", Linear(3, hidden)), ("r", ReLU()), ("n", LayerNorm(hidden)), ("b", Linear(hidden, 2)));
}
