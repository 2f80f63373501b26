namespace StreamLearn.Models.Tests;

/// <summary>Files of models without layers: linear models, k-means, softmax regressions.</summary>
public sealed class ClassicalModelFileTests
{
    private static readonly ImmutableArray<Field> Columns =
        [Field.Channel("acc_x", Unit.StandardGravity), Field.Channel("gyro_x", Unit.RadianPerSecond), Field.Channel("t", Unit.One)];

    /// <summary>Every setting is another than the default, at least once.</summary>
    private static readonly IModel[] Models =
    [
        new LinearModel(3, new Huber(0.25f), bias: true, decay: 0.1f, Columns), new KMeans(3, 4, -9, Columns),
        new SoftmaxRegression(Columns, 5, 1L << 40), ReferenceModels.SvmSmooth(7), ReferenceModels.LinReg(1),
        new LinearModel(9, new BinaryCrossEntropy()), new KMeans(2, 1), new SoftmaxRegression(5, 2),
        new KMeans(3, 4, -9, Columns, counts: true),
    ];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Models.Length)];
    public static TheoryData<int> Kinds => [0, 1, 2];

    [Theory, MemberData(nameof(Cases))]
    public void A_model_comes_back_as_it_was(int i)
    {
        var (model, weights) = (Models[i], Of(Models[i]));
        var loaded = ModelFile.Load(File(i), model);
        Assert.Equal(model, loaded.Model);
        Assert.Equal(model.ToString(), loaded.Model.ToString());
        Assert.Equal(model.Initial.Values.AsSpan(), loaded.Model.Initial.Values.AsSpan());
        Assert.Equal(model.Plan.Features, loaded.Model.Plan.Features.AsEnumerable());
        Assert.Equal(model.Plan.Slices, loaded.Model.Plan.Slices.AsEnumerable());
        ModelFileCase.Same(weights, loaded.Weights);
        Assert.Equal(Card(model), loaded.Card);
        Assert.Equal(File(i), ModelFile.Save(loaded.Model, loaded.Weights, loaded.Card));
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_model_that_comes_back_gives_the_same_bits(int i)
    {
        var (model, rows) = (Models[i], new float[4 * Models[i].Plan.Input.Size]);
        var random = new RandomStream(2, "rows");
        foreach (ref var value in rows.AsSpan()) { value = (float)random.NextGaussian(); }
        var loaded = ModelFile.Load(File(i));
        Assert.Equal(Answers(model, Of(model)), Answers(loaded.Model, loaded.Weights));

        float[] Answers(IModel it, Weights weights)
        {
            var answers = new float[4 * it.Plan.Outputs];
            it.Infer(weights.Values.AsSpan(), new(rows, 4), answers, new());
            return answers;
        }
    }

    [Theory]
    [InlineData(0, "linear.weight", "[3]")]
    [InlineData(0, "linear.bias", "[1]")]
    [InlineData(1, "centers", "[4,3]")]
    [InlineData(2, "scale.mean", "[3]")]
    [InlineData(2, "dense.weight", "[3,5]")]
    [InlineData(2, "dense.bias", "[5]")]
    public void Tensors_have_the_shape_of_what_they_are(int i, string name, string shape) => Assert.Contains(
        $"\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},", ModelFileCase.Header(File(i)), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Kinds))]
    public void A_file_has_its_golden_bytes(int i)
    {
        string[] names = ["linear", "k-means", "softmax-regression"];
        var golden = $"model-{names[i]}-1.safetensors";
        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_GOLDEN") is { Length: > 0 } path)
        {
            System.IO.File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, golden), File(i));
        }
        Assert.Equal(System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", golden)), File(i));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Cut_or_damaged_anywhere_it_is_refused(int i)
    {
        var file = File(i);
        for (var length = 0; length < file.Length; length++) { Refused(file[..length], "cut short"); }
        for (var bit = 0; bit < 8 * file.Length; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(file));
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Refused([.. file, 0], "got more");
    }

    [Theory]
    [InlineData(0, "\\\"model\\\":\\\"linear\\\"", "\\\"model\\\":\\\"tree\\\"", "graph: unknown model 'tree'")]
    [InlineData(0, "\\\"model\\\":\\\"linear\\\",", "", "graph: expected 'input', got none")]
    [InlineData(0, "\\\"model\\\":\\\"linear\\\"", "\\\"model\\\":\\\"k-means\\\"", "graph: expected 'centers', got none")]
    [InlineData(0, "\\\"features\\\":3", "\\\"features\\\":4", "expected 4 columns, one per feature, got 3")]
    [InlineData(4, "\\\"features\\\":1", "\\\"features\\\":0", "expected at least 1 feature, got 0")]
    [InlineData(4, "\\\"features\\\":1", "\\\"features\\\":-7", "expected at least 1 feature, got -7")]
    [InlineData(4, "\\\"features\\\":1", "\\\"features\\\":2", "cut short")]
    [InlineData(4, "\\\"features\\\":1", "\\\"features\\\":2147483647", "values, got 2147483647")]
    [InlineData(0, "\\\"bias\\\":true", "\\\"bias\\\":false", "got more")]
    [InlineData(0, "\\\"bias\\\":true", "\\\"bias\\\":1", "expected true or false as 'bias'")]
    [InlineData(0, "\\\"bias\\\":true,", "", "graph: expected 'bias', got none")]
    [InlineData(0, "\\\"bias\\\":true", "\\\"bias\\\":true,\\\"slope\\\":1", "graph: expected 6 settings, got 7")]
    [InlineData(0, "\\\"decay\\\":0.1", "\\\"decay\\\":0.2", "expected schema hash")]
    [InlineData(0, "\\\"decay\\\":0.1", "\\\"decay\\\":-1", "expected a strength of at least 0")]
    [InlineData(0, "\\\"delta\\\":0.25", "\\\"delta\\\":0.5", "expected schema hash")]
    [InlineData(3, "\\\"loss\\\":\\\"smooth-svm\\\"", "\\\"loss\\\":\\\"squared-error\\\"", "expected schema hash")]
    [InlineData(0, "\\\"unit\\\":\\\"gn\\\"", "\\\"unit\\\":\\\"m/s2\\\"", "expected schema hash")]
    [InlineData(1, "\\\"centers\\\":4", "\\\"centers\\\":0", "values, got 0")]
    [InlineData(1, "\\\"centers\\\":4", "\\\"centers\\\":2147483647", "values, got 6442450941")]
    [InlineData(1, "\\\"centers\\\":4", "\\\"centers\\\":3", "got more")]
    [InlineData(1, "\"shape\":[4,3]", "\"shape\":[3,4]", "tensor centers: expected shape [4, 3], got [3, 4]")]
    [InlineData(1, "\"shape\":[4,3]", "\"shape\":[12]", "tensor centers: expected shape [4, 3], got [12]")]
    [InlineData(1, "\\\"seed\\\":-9,", "", "graph: expected 'seed', got none")]
    [InlineData(2, "\\\"classes\\\":5", "\\\"classes\\\":-2", "values, got -2")]
    [InlineData(2, "\\\"classes\\\":5", "\\\"classes\\\":1000000000", "values, got 4000000006")]
    [InlineData(2,
        "\\\"mean\\\":[0,1,2],\\\"m2\\\":[1,1,1]", "\\\"mean\\\":[0,1],\\\"m2\\\":[1,1]", "expected moments of 3 channels, got 2")]
    [InlineData(2, "\\\"label 0\\\",", "", "expected 5 labels, one per class or output, got 4")]
    [InlineData(2, "\"data_offsets\":[12,24]", "\"data_offsets\":[0,12]",
        "tensors scale.inverse and scale.mean overlap: bytes 0 to 12 and 0 to 12")]
    public void A_header_that_says_something_wrong_is_refused(int i, string from, string to, string sentence) =>
        Refused(ModelFileCase.Forged(File(i), from, to), sentence);

    [Fact]
    public void A_seed_does_not_enter_what_is_expected() => Assert.Equal(
        new KMeans(3, 4, 1, Columns), ModelFile.Load(ModelFileCase.Forged(File(1), "\\\"seed\\\":-9", "\\\"seed\\\":1"), Models[1]).Model);

    [Fact]
    public void A_model_of_another_kind_or_size_than_expected_is_refused()
    {
        for (var i = 0; i < Models.Length; i++)
        {
            foreach (var other in Models.Append(ModelFileCase.Network).Where(m => !m.Equals(Models[i])))
            {
                var problem = Assert.Throws<ModelFormatException>(() => ModelFile.Load(File(i), other));
                Assert.Contains($"expected a model of {other.Structure} ", problem.Message, StringComparison.Ordinal);
                Assert.Contains($"got one of {Models[i].Structure} ", problem.Message, StringComparison.Ordinal);
            }
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(ModelFileCase.File, Models[i]));
        }
    }

    [Fact]
    public void What_does_not_fit_is_not_saved()
    {
        var plan = ExitPlan.Of(ModelFileCase.Network, new(ExitMeasure.Entropy, [0.3f]));
        foreach (var model in Models)
        {
            var (weights, labels) = (Of(model), Card(model).Labels);
            Weights[] wrong =
            [
                weights with { SchemaHash = 1 }, weights with { Values = weights.Values.Add(0) },
                weights with { Values = weights.Values.SetItem(0, float.NaN) },
                weights with { Scale = Moments(model.Plan.Input.Size + 1) },
            ];
            ModelCard[] cards =
            [
                new() { ExitRule = ExitRule.Never(1) }, new() { ExitPlan = plan },
                new() { Labels = [.. labels, "more"] }, new() { Labels = labels[1..].Add("").Add("") },
                new() { Channels = [.. Columns, .. Columns] },
            ];
            Assert.All(wrong, w => Assert.Throws<ArgumentException>("weights", () => ModelFile.Save(model, w)));
            Assert.All(cards, c => Assert.Throws<ArgumentException>("card", () => ModelFile.Save(model, weights, c)));
        }
    }

    [Fact]
    public void A_model_of_somebody_elses_has_no_form()
    {
        var model = new WindowModel(2, 3);
        var problem = Assert.Throws<ArgumentException>("model", () => ModelFile.Save(model, model.Initial));
        Assert.Contains("expected a model that can be saved", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_classes_of_one_output_have_two_labels()
    {
        var network = new Network(new(3), 1, [new Relu()], [new(0, new Dense(1))], objective: new BinaryCrossEntropy());
        var card = new ModelCard { Labels = ["still", "moving"] };
        Assert.Equal(card, ModelFile.Load(ModelFile.Save(network, network.Initial, card)).Card);
        Assert.Throws<ArgumentException>("card", () => ModelFile.Save(network, network.Initial, new() { Labels = ["still"] }));
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_figures_of_memory_are_what_a_step_and_inference_really_reserve(int i)
    {
        var model = Models[i];
        foreach (var rows in new[] { 1, 7, 3000 })
        {
            var (plan, optimizer) = (model.Memory(rows, new Adam(0.01f))!, new Adam(0.01f));
            float[] weights = [.. model.Initial.Values], gradients = new float[weights.Length], state = new float[2 * weights.Length];
            Workspace training = new(), inference = new();
            var batch = new Sample(new float[rows * model.Plan.Input.Size], new int[rows]) { Targets = new float[rows] };
            model.Step(weights, batch, optimizer, state, 1, gradients, training);
            model.Infer(weights, batch, new float[rows * model.Plan.Outputs], inference);
            Assert.Equal((plan.ActivationBytes, plan.InferenceScratchBytes), (training.ReservedBytes, inference.ReservedBytes));
            Assert.Equal((4L * weights.Length, 4L * gradients.Length, 4L * state.Length),
                (plan.ParameterBytes, plan.GradientBytes, plan.OptimizerBytes));
            Assert.Equal((rows, model.Plan.MultiplyAdds, 0L), (plan.Rows, plan.MultiplyAdds, plan.TapeBytes));
            var layer = Assert.Single(plan.Layers);
            Assert.Equal((model.ToString(), new Shape(model.Plan.Outputs)), (layer.Name, layer.Output));
            Assert.Equal((plan.MultiplyAdds, plan.ParameterBytes, plan.GradientBytes, plan.OptimizerBytes),
                (layer.MultiplyAdds, layer.ParameterBytes, layer.GradientBytes, layer.OptimizerBytes));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => model.Memory(0));
    }

    private static byte[] File(int i) => ModelFile.Save(Models[i], Of(Models[i]), Card(Models[i]));

    private static ModelCard Card(IModel model) => new()
    {
        Channels = model.Plan.Features,
        Labels = [.. Enumerable.Range(0, Math.Max(model.Plan.Classes, model.Plan.Outputs)).Select(i => $"label {i}")],
        Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("trained-on", "har"),
    };

    /// <summary>Values of quarters, the same on every machine.</summary>
    private static Weights Of(IModel model) => model.Initial with
    {
        Version = 12,
        Values = [.. Enumerable.Range(0, model.Plan.Values).Select(i => (i - 3) / 4f)],
        Scale = model is SoftmaxRegression ? Moments(model.Plan.Input.Size) : null,
    };

    private static ChannelMoments Moments(int channels) =>
        new(5, [.. Enumerable.Range(0, channels).Select(i => (double)i)], [.. Enumerable.Repeat(1.0, channels)]);

    private static void Refused(byte[] file, string sentence)
    {
        var problem = Assert.Throws<ModelFormatException>(() => ModelFile.Load(file));
        Assert.StartsWith("model file: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
    }
}
