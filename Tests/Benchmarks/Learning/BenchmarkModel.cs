using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>A model that is compared, and the rows that all contenders train it on.</summary>
/// <param name="Name">A letter or a word; the part of a case's name after the first dot.</param>
/// <param name="Model">Ours.</param>
/// <param name="Layers">The layers, as peers are told: <c>conv1d:32:5:1:0,relu,dense:6</c>.</param>
/// <param name="Rows">Rows that batches are drawn from.</param>
internal sealed record BenchmarkModel(string Name, IModel Model, string Layers, int Rows)
{
    private float[]? _features;

    /// <summary>Rows of standard normal values, <c>[rows, input]</c>.</summary>
    internal float[] Features => _features ??= Normal();

    /// <summary>Floating-point operations of a row of a training step: two for each multiply-add of three passes.</summary>
    internal double StepOperations => 6.0 * Model.Plan.MultiplyAdds;

    /// <summary>True for what only a library with convolutions can do.</summary>
    internal bool HasConvolutions => Layers.Contains("conv", StringComparison.Ordinal);
    private Shape Input => Model.Plan.Input;
    internal static BenchmarkModel Of(string name, Network network, int rows) => new(name, network, Spelled(network), rows);
    internal int Label(int row) => row % Model.Plan.Outputs;

    /// <summary>The columns of the rows: one for each channel, and the label.</summary>
    internal Schema Schema() => new([.. Enumerable.Range(0, Input.Channels).Select(c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

    /// <summary>Rows as a batch: as many of its rows for each as that has samples.</summary>
    internal Batch Batch(BatchPool pool, Schema schema, int from, int rows)
    {
        var batch = pool.Rent(schema, rows * Input.Samples);
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < Input.Channels; c++)
            {
                Features.AsSpan(((((from + r) * Input.Channels) + c) * Input.Samples), Input.Samples)
                    .CopyTo(batch.Columns[c].Writable<float>()[(r * Input.Samples)..]);
            }
            batch.Columns[Input.Channels].Writable<int>().Slice(r * Input.Samples, Input.Samples).Fill(Label(from + r));
        }
        for (var i = 0; i < batch.Rows; i++) { batch.Columns[Input.Channels].SetValid(i, true); }
        return batch;
    }

    /// <summary>Writes rows, labels and initial trained values for a peer: int32 rows, inputs, classes, values; then all of them.</summary>
    internal void Write(string path)
    {
        var trained = Model.Plan.Slices.Where(s => s.Kind == SliceKind.Trained)
            .SelectMany(s => Model.Initial.Values.Skip(s.Offset).Take(s.Length)).ToArray();
        int[] head = [Rows, Input.Size, Model.Plan.Outputs, trained.Length];
        int[] labels = [.. Enumerable.Range(0, Rows).Select(Label)];
        using var file = File.Create(path);
        file.Write(MemoryMarshal.AsBytes<int>(head));
        file.Write(MemoryMarshal.AsBytes<float>(Features));
        file.Write(MemoryMarshal.AsBytes<int>(labels));
        file.Write(MemoryMarshal.AsBytes<float>(trained));
    }

    /// <summary>What a peer is told to load.</summary>
    internal string Request(string path) => $"load {Name} {path} {Input.Channels}x{Input.Height}x{Input.Width} {Layers}";

    /// <inheritdoc />
    public override string ToString() => $"{Name}: {Layers}";

    private static string Spelled(Network network) =>
        string.Join(',', network.Layers.Append(network.Exits[^1].Head).SelectMany(Flat).Select(Spelled));

    /// <summary>The layers that a layer is made of; a dense layer flattens anyway.</summary>
    private static IEnumerable<Layer> Flat(Layer layer) =>
        layer is Sequential inner ? inner.Layers.SelectMany(Flat) : layer is Flatten ? [] : [layer];

    private static string Spelled(Layer layer) => layer switch
    {
        Dense d => $"dense:{d.Outputs}",
        Conv1d c => $"conv1d:{c.Filters}:{c.Kernel}:{c.Stride}:{c.Padding}",
        Conv2d c => $"conv2d:{c.Filters}:{c.Kernel}:{c.Stride}:{c.Padding}",
        BatchNorm n => string.Create(CultureInfo.InvariantCulture, $"batchnorm:{n.Epsilon}:{n.Momentum}"),
        MaxPool1d { Padding: 0 } p when p.Stride is 0 || p.Stride == p.Size => $"maxpool1d:{p.Size}",
        MaxPool2d { Padding: 0 } p when p.Stride is 0 || p.Stride == p.Size => $"maxpool2d:{p.Size}",
        Relu => "relu",
        GlobalMean => "globalmean",
        _ => throw new BenchmarkException($"peers know no layer '{layer}'"),
    };

    private float[] Normal()
    {
        var random = new RandomStream(1, "benchmark-rows", Name);
        var features = new float[Rows * Input.Size];
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextGaussian(); }
        return features;
    }
}
