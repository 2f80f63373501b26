using System.Text.Json;

namespace StreamLearn.Models.Tests;

/// <summary>Losses, optimizers and schedules beside torch's: Torch/optimizers.json, made by the script beside it.</summary>
public sealed class TorchOptimizerTests
{
    private static readonly JsonElement Torch =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Torch", "optimizers.json"))).RootElement;

    private static readonly Dictionary<string, (Loss Loss, string Targets)> Losses = new()
    {
        ["cross-entropy"] = (new SoftmaxCrossEntropy(), "labels"),
        ["cross-entropy, smoothing 0.1"] = (new SoftmaxCrossEntropy(0.1f), "labels"),
        ["cross-entropy, offsets"] = (new SoftmaxCrossEntropy(), "labels"),
        ["squared error"] = (new SquaredError(), "targets"),
        ["Huber 0.7"] = (new Huber(0.7f), "targets"),
        ["binary"] = (new BinaryCrossEntropy(), "chances"),
        ["smooth SVM"] = (new SmoothSvm(), "sides"),
        ["distillation 4 0.7"] = (new Distillation(), "labels"),
        ["distillation 1.5 1"] = (new Distillation(1.5f, 1), "labels"),
    };

    private static readonly Dictionary<string, Optimizer> Optimizers = new()
    {
        ["SGD"] = new Sgd(0.1f, 0, float.PositiveInfinity),
        ["SGD, momentum"] = new Sgd(0.1f, 0.9f, float.PositiveInfinity),
        ["SGD, Nesterov"] = new Sgd(0.1f, 0.8f, float.PositiveInfinity) { Nesterov = true },
        ["SGD, decay"] = new Sgd(0.1f, 0, float.PositiveInfinity) { WeightDecay = 0.2f },
        ["SGD, Nesterov, decay"] = new Sgd(0.1f, 0.9f, float.PositiveInfinity) { Nesterov = true, WeightDecay = 0.05f },
        ["SGD, clip"] = new Sgd(0.1f, 0.9f, 0.5f),
        ["SGD, decay, clip"] = new Sgd(0.1f, 0.9f, 0.5f) { WeightDecay = 0.05f },
        ["Adam"] = new Adam(0.01f),
        ["Adam, clip"] = new Adam(0.02f, 0.8f, 0.95f, 1e-3f) { ClipNorm = 0.5f },
        ["AdamW"] = new AdamW(0.01f, WeightDecay: 0.1f),
        ["RMSprop"] = new RmsProp(0.01f),
        ["RMSprop, clip"] = new RmsProp(0.01f, 0.9f, 1e-4f) { ClipNorm = 0.5f },
        ["AdaGrad"] = new AdaGrad(0.1f),
        ["SGD, step"] = new Sgd(0.1f, 0, float.PositiveInfinity) { Schedule = Schedule.Step(2, 0.5f) },
        ["AdamW, cosine"] = new AdamW(0.1f) { Schedule = Schedule.Cosine(4, 0.1f) },
    };

    private static readonly Dictionary<string, Schedule> Schedules = new()
    {
        ["step"] = Schedule.Step(3, 0.5f),
        ["cosine"] = Schedule.Cosine(11, 0.1f),
        ["warm-up"] = Schedule.LinearWarmUp(5),
        ["warm-up, cosine"] = Schedule.LinearWarmUp(4, Schedule.Cosine(8)),
    };

    [Fact]
    public void Losses_and_their_gradients_are_those_of_torch()
    {
        Assert.Equal(Losses.Keys.Order(), Names("losses").Order());
        foreach (var it in Torch.GetProperty("losses").EnumerateArray())
        {
            var (name, scores) = (it.GetProperty("name").GetString()!, Floats(it, "scores"));
            var (loss, learned) = Losses[name];
            float[] targets = learned is "targets" or "chances" ? Floats(Torch, learned) : [];
            var labels = Floats(Torch, learned == "sides" ? "sides" : "labels").Select(label => (int)label).ToArray();
            var value = loss.Gradient(scores, new([], labels)
            {
                Targets = targets,
                TeacherLogits = Floats(Torch, "teacher"),
                LogitOffsets = name.EndsWith("offsets", StringComparison.Ordinal) ? Floats(Torch, "offsets") : [],
            });

            var expected = it.GetProperty("loss").GetDouble();
            Assert.Equal(expected, value, 1e-5 * expected);      // a sum over 19 rows
            Close(Floats(it, "gradient"), scores, name);
        }
    }

    [Fact]
    public void Steps_are_those_of_torch()
    {
        Assert.Equal(Optimizers.Keys.Order(), Names("optimizers").Order());
        var sizes = Floats(Torch, "sizes").Select(size => (int)size).ToArray();
        var plan = new ModelPlan(new(1), 2, 1, [.. sizes.Select((size, i) => ($"{i}", SliceKind.Trained, size))]);
        foreach (var it in Torch.GetProperty("optimizers").EnumerateArray())
        {
            var optimizer = Optimizers[it.GetProperty("name").GetString()!];
            optimizer.Check();
            var (weights, state, step) = (Floats(Torch, "start"), new float[optimizer.StateValues * plan.Values], 0);
            foreach (var after in it.GetProperty("after").EnumerateArray())
            {
                optimizer.Step(plan, weights, Floats(Torch.GetProperty("slopes")[step]), state, ++step);
                Close(Floats(after), weights, $"{optimizer}, step {step}");
            }
            Assert.Equal(5, step);
        }
    }

    [Fact]
    public void Schedules_are_those_of_torch()
    {
        Assert.Equal(Schedules.Keys.Order(), Names("schedules").Order());
        foreach (var it in Torch.GetProperty("schedules").EnumerateArray())
        {
            var (name, factors) = (it.GetProperty("name").GetString()!, Floats(it, "factors"));
            Close(factors, [.. factors.Select((_, i) => Schedules[name].Factor(i + 1))], name);
        }
    }

    private static IEnumerable<string> Names(string list) =>
        Torch.GetProperty(list).EnumerateArray().Select(it => it.GetProperty("name").GetString()!);

    private static float[] Floats(JsonElement element, string name) => Floats(element.GetProperty(name));
    private static float[] Floats(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetSingle())];

    private static void Close(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var close = Math.Abs(expected[i] - actual[i]) <= 1e-5 * (1 + Math.Abs(expected[i]));
            Assert.True(close, $"{what}: {i}: {expected[i]}, got {actual[i]}");
        }
    }
}
