using StreamLearn.Learning;

namespace Benchmarks;

/// <summary>The models that are compared.</summary>
internal static class BenchmarkModels
{
    private const int Rows = 1024, FewRows = 256;

    /// <summary>Logistic regression 561 → 6, as the library makes it: it scales its inputs too, which peers need not.</summary>
    internal static BenchmarkModel A { get; } = new("a", new SoftmaxRegression(561, 6), "dense:6", Rows);

    /// <summary>561-64-6.</summary>
    internal static BenchmarkModel B { get; } = Dense("b", 561, 64, 6);

    /// <summary>Two convolutions over nine channels of 128 samples.</summary>
    internal static BenchmarkModel C { get; } = BenchmarkModel.Of("c", HarConv(), Rows);

    /// <summary>Three convolutions over images of 3 x 32 x 32, with batch normalization: vgg5.</summary>
    internal static BenchmarkModel D { get; } = BenchmarkModel.Of("d", Images(32, 32, 64, 128), FewRows);

    /// <summary>784-30-10.</summary>
    internal static BenchmarkModel E { get; } = Dense("e", 784, 30, 10);

    /// <summary>As c, with odd numbers of everything.</summary>
    internal static BenchmarkModel OddC { get; } = BenchmarkModel.Of("odd-c", Recordings(127, 27, 51), Rows);

    /// <summary>As d, with odd numbers of everything.</summary>
    internal static BenchmarkModel OddD { get; } = BenchmarkModel.Of("odd-d", Images(31, 27, 51, 117), FewRows);

    internal static IReadOnlyList<BenchmarkModel> All { get; } = [A, B, C, D, E];

    /// <summary>The network of c.</summary>
    internal static Network HarConv() => Recordings(128, 32, 64);

    private static BenchmarkModel Dense(string name, int inputs, int hidden, int classes) => BenchmarkModel.Of(
        name, new(new(inputs), classes, [new Dense(hidden), new Relu()], [new(1, new Dense(classes))]), Rows);

    private static Network Images(int side, int first, int second, int hidden) => new(
        new(3, side, side), 10,
        [
            new Conv2d(first, 3, 1, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2),
            new Conv2d(second, 3, 1, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2),
            new Conv2d(second, 3, 1, Padding.Same), new BatchNorm(), new Relu(), new Dense(hidden),
        ],
        [new(11, new Dense(10))]);

    private static Network Recordings(int samples, int first, int second) => new(
        new(9, samples), 6, [new Conv1d(first, 5), new Relu(), new MaxPool1d(2), new Conv1d(second, 5), new Relu(), new GlobalMean()],
        [new(5, new Dense(6))]);
}
