using StreamLearn.Samples;

namespace StreamLearn.Learning.Tests;

/// <summary>
/// Training that is broken off after any step and goes on elsewhere: from the model's file, what the optimizer remembers, and the number of
/// the step, which names the random numbers too. It ends where the undisturbed one does, bit for bit.
/// </summary>
public sealed class ResumeTests
{
    private const int Steps = 7;
    private const int Rows = 6;
    private const int Features = 12;
    private static readonly Schedule Way = Schedule.LinearWarmUp(2, Schedule.Cosine(4, 0.1f));

    private static readonly IModel[] Models =
    [
        new Network(new(2, Features / 2), 3,
            [
                new Scale(), new Conv1d(5, 3, 1, 1), new Sequential(new BatchNorm(), new Relu(), new Dropout(0.3f)),
                new Residual(new DepthwiseConv1d(3, 1, 1), new BatchNorm(), new Relu(), new BatchNorm()), new Dense(7), new Dropout(0.2f),
            ],
            [new(2, new Dense(3), 0.5f), new(5, new Sequential(new Tanh(), new Dense(3)))], seed: 4)
        {
            ExitTraining = ExitTraining.SelfDistilling,
        },
        new Network(new(Features), 3, [new Dense(9), new BatchNorm(), new Relu(), new Dropout(0.4f), new Dense(5)], [new(4, new Dense(3))])
            .Masked(TrainableMask.BiasOnly),
        new SoftmaxRegression(Features, 3, seed: 5),
        ReferenceModels.SvmSmooth(Features),
        ReferenceModels.LinReg(Features),
        new KMeans(Features, 3, seed: 6),
        new KMeans(Features, 3, seed: 6, counts: true),
    ];

    private static readonly Optimizer[] Optimizers =
    [
        new Sgd(0.05f, 0.9f, float.PositiveInfinity), new Sgd(0.05f) { Schedule = Way },
        new Sgd(0.05f, 0.9f, 0.1f) { Nesterov = true, WeightDecay = 0.01f, Schedule = Way }, new Adam(0.01f) { Schedule = Way },
        new AdamW(0.01f) { Schedule = Way, ClipNorm = 0.5f }, new RmsProp(0.01f) { Schedule = Way }, new AdaGrad(0.1f),
    ];

    public static TheoryData<int, int> Cases { get; } =
        [.. from model in Enumerable.Range(0, Models.Length)
            from optimizer in Enumerable.Range(0, Optimizers.Length) select (model, optimizer)];

    [Theory, MemberData(nameof(Cases))]
    public void Training_that_is_broken_off_after_any_step_ends_where_the_undisturbed_one_does(int place, int by)
    {
        var (model, optimizer) = (Models[place], Optimizers[by]);
        var whole = Training.Of(model, optimizer);
        whole.Run(1, Steps);
        Assert.NotEqual(model.Initial.Values, whole.Weights);
        for (var cut = 0; cut <= Steps; cut++)
        {
            var first = Training.Of(model, optimizer);
            first.Run(1, cut);
            var second = first.Elsewhere();
            second.Run(cut + 1, Steps);
            Assert.Equal(Bits(whole.Weights), Bits(second.Weights));
            Assert.Equal(Bits(whole.State), Bits(second.State));
            Assert.Equal(Bits(whole.Answers()), Bits(second.Answers()));
        }
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    /// <summary>A model, what it has learned, and what its optimizer remembers.</summary>
    private sealed class Training(IModel model, Optimizer optimizer, float[] weights, float[] state)
    {
        private readonly Workspace _memory = new();
        private readonly float[] _gradients = new float[weights.Length];
        internal float[] Weights => weights;
        internal float[] State => state;

        internal static Training Of(IModel model, Optimizer optimizer) =>
            new(model, optimizer, [.. model.Initial.Values], new float[optimizer.StateValues * model.Plan.Values]);

        internal void Run(int from, int to)
        {
            for (var step = from; step <= to; step++)
            {
                var loss = model.Step(weights, Batch(step), optimizer, state, step, _gradients, _memory);
                Assert.True(float.IsFinite(loss));
            }
        }

        /// <summary>The same after a way through a file, with nothing else left of it.</summary>
        internal Training Elsewhere()
        {
            var file = ModelFile.Save(
                model, new() { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = ImmutableArray.Create(weights) });
            var loaded = ModelFile.Load(file, model);
            return new(loaded.Model, optimizer, [.. loaded.Weights.Values], [.. state]);
        }

        internal float[] Answers()
        {
            var outputs = new float[Rows * model.Plan.Outputs];
            model.Infer(weights, Batch(0), outputs, _memory);
            return outputs;
        }

        private Sample Batch(int step)
        {
            var random = new RandomStream(step, "resume");
            float[] features = [.. Enumerable.Range(0, Rows * Features).Select(_ => (float)random.NextGaussian())];
            int[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt32(Math.Max(1, model.Plan.Classes)))];
            float[] targets = [.. Enumerable.Range(0, Rows).Select(_ => (float)random.NextGaussian())];
            return new(features, labels) { Number = step, Targets = model.Plan.Target == TargetKind.Value ? targets : [] };
        }
    }
}
