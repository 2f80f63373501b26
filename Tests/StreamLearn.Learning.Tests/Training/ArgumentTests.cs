namespace StreamLearn.Learning.Tests;

/// <summary>Arguments that do not fit are refused with a sentence that says what was expected and what came.</summary>
public sealed class ArgumentTests
{
    private const int Rows = 3, Features = 2, Classes = 2;
    private static readonly float[] X = [1, 2, 3, 4, 5, 6];
    private static readonly int[] Labels = [0, 1, 0];

    public static TheoryData<IModel> Models() =>
    [
        new Network(new(Features), Classes, [new Dense(3), new Relu()], [new(1, new Dense(Classes))]),
        new SoftmaxRegression(Features, Classes), new LinearModel(Features, new BinaryCrossEntropy()),
        new KMeans(Features, Classes), new KMeans(Features, Classes, counts: true),
    ];

    public static TheoryData<Optimizer> Broken() =>
    [
        new Sgd(float.NaN), new Sgd(0), new Sgd(-1), new Sgd(float.PositiveInfinity), new Sgd(0.1f, float.NaN), new Sgd(0.1f, 1),
        new Sgd(0.1f, 0.9f, float.NaN), new Sgd(0.1f) { WeightDecay = float.NaN }, new Sgd(0.1f) { Schedule = null! },
        new Adam(float.NaN), new Adam(0.1f, 2), new Adam(0.1f, Epsilon: 0), new AdamW(0.1f, WeightDecay: -1), new RmsProp(0.1f, float.NaN),
        new AdaGrad(0.1f, float.NaN),
    ];

    [Theory, MemberData(nameof(Models))]
    public void Features_that_are_not_as_many_as_the_rows_have_are_refused(IModel model)
    {
        float[] seven = [.. X, 7];
        foreach (var features in new[] { seven, X[..5], [] })
        {
            var sentence = $"expected 6 features, 2 for each of 3 rows, got {features.Length}";
            Refused(sentence, () => Loss(model, features));
            Refused(sentence, () => Step(model, features));
            Refused(sentence, () => model.Infer(Of(model), new(features, Rows), new float[Rows * model.Plan.Outputs], new()));
        }
        Refused("at least 1 row", () => model.Loss(Of(model), new([], Labels.AsSpan(0, 0)), new float[model.Plan.Values], new()));
    }

    [Theory, MemberData(nameof(Models))]
    public void Spans_that_are_too_short_are_named(IModel model)
    {
        var n = model.Plan.Values;
        Refused($"expected {n} weights, got {n - 1}", () => model.Loss(Of(model).AsSpan(1), new(X, Labels), new float[n], new()));
        Refused($"expected {n} gradients, got {n - 1}", () => model.Loss(Of(model), new(X, Labels), new float[n - 1], new()));
        Refused($"expected {n} weights, got {n - 1}", () => model.Infer(Of(model).AsSpan(1), new(X, Rows), new float[Rows * 2], new()));
        var outputs = Rows * model.Plan.Outputs;
        Refused($"expected space for {outputs} outputs, {model.Plan.Outputs} per row, got {outputs - 1}",
            () => model.Infer(Of(model), new(X, Rows), new float[outputs - 1], new()));
    }

    [Theory, MemberData(nameof(Broken))]
    public void A_step_of_an_optimizer_that_cannot_be_is_refused_and_moves_nothing(Optimizer optimizer)
    {
        foreach (var model in Models().Select(static m => m.Data).Where(static m => m is not KMeans { Counts: true }))
        {
            float[] weights = Of(model), state = new float[2 * weights.Length], gradients = new float[weights.Length];
            Assert.ThrowsAny<ArgumentException>(() => model.Step(weights, new(X, Labels), optimizer, state, 1, gradients, new()));
            Assert.ThrowsAny<ArgumentException>(() => optimizer.Step(model.Plan, weights, gradients, state, 1));
            Assert.Equal(model.Initial.Values, weights);
        }
    }

    [Fact]
    public void A_step_without_optimizer_or_with_too_little_to_remember_is_refused()
    {
        foreach (var model in Models().Select(static m => m.Data).Where(static m => m is not KMeans { Counts: true }))
        {
            var (n, memory) = (model.Plan.Values, new Workspace());
            Assert.Throws<ArgumentNullException>(() => model.Step(Of(model), new(X, Labels), null!, new float[n], 1, new float[n], memory));
            foreach (var (optimizer, states) in new (Optimizer, int)[]
            {
                (new Sgd(0.1f), 1), (new Sgd(0.1f, ClipNorm: float.PositiveInfinity), 1), (new Adam(0.1f), 2), (new AdaGrad(0.1f), 1),
            })
            {
                var sentence =
                    $"expected a state of at least {states * n} values, {states} for each of the model's, got {(states * n) - 1}";
                Refused(sentence, () => model.Step(
                    Of(model), new(X, Labels), optimizer, new float[(states * n) - 1], 1, new float[n], memory));
                Refused("expected the number of a step, from 1", () => model.Step(
                    Of(model), new(X, Labels), optimizer, new float[states * n], 0, new float[n], memory));
            }

            model.Step(Of(model), new(X, Labels), new Sgd(0.1f, Momentum: 0), [], 1, new float[n], memory);     // nothing to remember
        }
    }

    [Fact]
    public void A_slice_of_an_array_can_be_written_to_and_one_of_too_few_values_is_named()
    {
        var slice = new Slice("1.dense.bias", SliceKind.Trained, 2, 3);
        float[] values = new float[5];
        slice.Of(values)[0] = 7;
        Assert.Equal([0, 0, 7, 0, 0], values);
        Refused("slice 1.dense.bias: expected at least 5 values of the model, got 4", () => slice.Of(values.AsSpan(1)).Clear());
        Refused("slice 1.dense.bias: expected at least 5 values of the model, got 4",
            () => _ = slice.Of((ReadOnlySpan<float>)values[1..])[0]);
    }

    [Fact]
    public void Exits_answer_no_features_beyond_the_rows()
    {
        var network = (Network)Models().First().Data;
        float[] seven = [.. X, 7], scores = new float[Rows * Classes];
        Refused("got 7", () => network.Logits(Of(network), new(seven, Rows), scores, new()));
        Refused("got 7", () => network.Answer(Of(network), new(seven, Rows), ExitRule.Never(1), scores, new int[Rows], new()));
        Refused("weights", () => network.Logits(Of(network).AsSpan(1), new(X, Rows), scores, new()));
    }

    private static float[] Of(IModel model) => [.. model.Initial.Values];

    private static void Loss(IModel model, float[] features) =>
        model.Loss(Of(model), new(features, Labels), new float[model.Plan.Values], new());

    private static void Step(IModel model, float[] features) => model.Step(Of(model), new(features, Labels),
        new Sgd(0.1f, ClipNorm: float.PositiveInfinity), new float[model.Plan.Values], 1, new float[model.Plan.Values], new());

    private static void Refused(string sentence, Action call)
    {
        var message = Assert.ThrowsAny<ArgumentException>(call).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain("Specified argument", message, StringComparison.Ordinal);
    }
}
