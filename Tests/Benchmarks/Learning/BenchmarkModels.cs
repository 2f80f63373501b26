namespace Benchmarks;

/// <summary>The models that are compared.</summary>
internal static class BenchmarkModels
{
    private const int Rows = 1024, FewRows = 256;

    /// <summary>Logistic regression 561 → 6.</summary>
    internal static BenchmarkModel A { get; } = BenchmarkModel.Of("a", ReferenceModels.Softmax(561, 6), Rows);

    /// <summary>The same as a model of its own, not as a network.</summary>
    internal static BenchmarkModel Regression { get; } = new("regression", new SoftmaxRegression(561, 6), "dense:6", Rows);

    /// <summary>561-64-6.</summary>
    internal static BenchmarkModel B { get; } = BenchmarkModel.Of("b", ReferenceModels.Mlp(561, [64], 6), Rows);

    /// <summary>Two convolutions over nine channels of 128 samples.</summary>
    internal static BenchmarkModel C { get; } = BenchmarkModel.Of("c", ReferenceModels.HarConv(), Rows);

    /// <summary>Three convolutions over images of 3 x 32 x 32, with batch normalization.</summary>
    internal static BenchmarkModel D { get; } = BenchmarkModel.Of("d", ReferenceModels.Vgg5(), FewRows);

    /// <summary>784-30-10.</summary>
    internal static BenchmarkModel E { get; } = BenchmarkModel.Of("e", ReferenceModels.Mlp(784, [30], 10), Rows);

    /// <summary>As c, with odd numbers of everything.</summary>
    internal static BenchmarkModel OddC { get; } = BenchmarkModel.Of("odd-c", new(
        new(9, 127), 6, [new Conv1d(27, 5), new Relu(), new MaxPool1d(2), new Conv1d(51, 5), new Relu(), new GlobalMean()],
        [new(5, new Dense(6))]), Rows);

    /// <summary>As d, with odd numbers of everything.</summary>
    internal static BenchmarkModel OddD { get; } = BenchmarkModel.Of("odd-d", new(
        new(3, 31, 31), 10,
        [Cell(27), new MaxPool2d(2), Cell(51), new MaxPool2d(2), Cell(51), new Sequential(new Flatten(), new Dense(117))],
        [new(5, new Dense(10))]), FewRows);

    internal static IReadOnlyList<BenchmarkModel> All { get; } = [A, Regression, B, C, D, E];
    private static Sequential Cell(int filters) => new(new Conv2d(filters, 3, 1, 1), new BatchNorm(), new Relu());
}
