namespace StreamLearn.Models.Tests;

/// <summary>A loss with rows for it, and its formula once more, one value at a time in float64.</summary>
internal sealed class LossCase
{
    private readonly RandomStream _random = new(23, "loss-case");

    internal LossCase(Loss loss, int width, int rows = 21, bool offsets = false, bool targets = true)
    {
        (Loss, Width, Rows) = (loss, width, rows);
        Outputs = Normal(rows * width, 2);
        Teacher = Normal(rows * width, 3);
        Labels = [.. Enumerable.Range(0, rows).Select(_ => (int)_random.NextDouble(0, Math.Max(2, width)))];
        Offsets = offsets ? Normal(width, 1) : [];
        var chances = loss is BinaryCrossEntropy;
        Targets = targets ? [.. Normal(rows * width, 2).Select(t => chances ? 1 / (1 + MathF.Exp(t)) : t)] : [];
    }

    internal Loss Loss { get; }
    internal int Width { get; }
    internal int Rows { get; }
    internal float[] Outputs { get; set; }
    internal float[] Teacher { get; set; }
    internal float[] Targets { get; set; }
    internal float[] Offsets { get; }
    internal int[] Labels { get; set; }

    /// <summary>Losses and widths that every check goes over.</summary>
    internal static IReadOnlyList<Func<LossCase>> All { get; } =
    [
        () => new(new SoftmaxCrossEntropy(), 6), () => new(new SoftmaxCrossEntropy(), 2, rows: 1),
        () => new(new SoftmaxCrossEntropy(), 16, 2), () => new(new SoftmaxCrossEntropy(), 10, 33, offsets: true),
        () => new(new SoftmaxCrossEntropy(0.1f), 10), () => new(new SoftmaxCrossEntropy(0.3f), 5, 2, offsets: true),
        () => new(new SoftmaxCrossEntropy(), 32, 3), () => new(new SoftmaxCrossEntropy(0.2f), 47, 5, offsets: true),
        () => new(new SquaredError(), 1), () => new(new SquaredError(), 19), () => new(new SquaredError(-2.5f, 4), 7),
        () => new(new Huber(), 1), () => new(new Huber(0.3f), 7), () => new(new BinaryCrossEntropy(), 1),
        () => new(new BinaryCrossEntropy(), 13, 41), () => new(new BinaryCrossEntropy(), 1, targets: false),
        () => new(new BinaryCrossEntropy(), 4, targets: false), () => new(new SmoothSvm(), 1, 40),
        () => new(new Distillation(), 6), () => new(new Distillation(1.5f, 1), 10, 33),
        () => new(new Distillation(2, 0), 3), () => new(new Distillation(3, 0.25f), 40, 3, offsets: true),
    ];

    internal static TheoryData<int> Places => [.. Enumerable.Range(0, All.Count)];

    /// <summary>Loss and gradient of some rows.</summary>
    internal (double Loss, float[] Gradient) Run(int from, int rows)
    {
        var gradient = Part(Outputs, from, rows);
        return (Loss.Gradient(gradient, Sample(from, rows)), gradient);
    }

    internal Sample Sample(int from, int rows) => new([], Labels.AsSpan(from, rows))
    {
        Targets = Targets.Length == 0 ? [] : Part(Targets, from, rows),
        TeacherLogits = Part(Teacher, from, rows),
        LogitOffsets = Offsets,
    };

    /// <summary>The loss of one row by its formula.</summary>
    internal double Formula(int row, double[] outputs)
    {
        var (label, teacher) = (Labels[row], Exact(Part(Teacher, row, 1)));
        double Target(int o) => Targets.Length > 0 ? Targets[(row * Width) + o] : Width == 1 ? label : label == o ? 1 : 0;
        double Over(Func<double, int, double> term) => outputs.Select(term).Sum();
        var shifted = outputs.Select((y, o) => y + (Offsets.Length == 0 ? 0 : Offsets[o])).ToArray();
        return Loss switch
        {
            SoftmaxCrossEntropy soft => -LogSoftmax(shifted, 1)
                .Select((p, o) => p * ((o == label ? 1.0 - soft.LabelSmoothing : 0) + ((double)soft.LabelSmoothing / Width))).Sum(),
            SquaredError(var mean, var deviation) =>
                Over((y, o) => (y - ((Target(o) - mean) / deviation)) is var e ? e * e / 2 : 0),
            Huber(var delta) => Over((y, o) => Math.Abs(y - Target(o)) is var e && e <= delta ? e * e / 2 : delta * (e - (delta / 2.0))),
            BinaryCrossEntropy => Over((y, o) => (Target(o) * Math.Log(1 + Math.Exp(-y))) + ((1 - Target(o)) * Math.Log(1 + Math.Exp(y)))),
            SmoothSvm => Math.Pow(Math.Max(0, 1 - (((2 * label) - 1) * outputs[0])), 2) / 2,
            Distillation(var t, var a) =>
                ((1 - a) * -LogSoftmax(shifted, 1)[label]) + (a * (double)t * t * Divergence(teacher, outputs, t)),
            _ => throw new ArgumentException($"no formula for {Loss}"),
        };
    }

    /// <summary>KL(softmax(teacher / T) ‖ softmax(scores / T)).</summary>
    internal static double Divergence(double[] teacher, double[] scores, double temperature)
    {
        var (wanted, given) = (LogSoftmax(teacher, temperature), LogSoftmax(scores, temperature));
        return wanted.Select((p, o) => Math.Exp(p) * (p - given[o])).Sum();
    }

    internal static double[] LogSoftmax(double[] scores, double temperature)
    {
        var sum = Math.Log(scores.Sum(s => Math.Exp(s / temperature)));
        return [.. scores.Select(s => (s / temperature) - sum)];
    }

    internal float[] Part(float[] values, int from, int rows) => values.AsSpan(from * Width, rows * Width).ToArray();
    /// <summary>The central difference of what depends on a value.</summary>
    internal static double Difference(double[] values, int place, Func<double> value, double step = 1e-6)
    {
        var kept = values[place];
        values[place] = kept + step;
        var above = value();
        values[place] = kept - step;
        var below = value();
        values[place] = kept;
        return (above - below) / (2 * step);
    }

    internal static double[] Exact(float[] values) => Array.ConvertAll(values, v => (double)v);
    internal float[] Normal(int count, float scale) => [.. Enumerable.Range(0, count).Select(_ => scale * (float)_random.NextGaussian())];
    public override string ToString() => $"{Loss} of {Rows}x{Width}";
}
