using StreamLearn.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Benchmarks;

/// <summary>
/// PyTorch by TorchSharp, in this process, one thread. For each model and batch the faster of two ways to write the same step is found
/// first, untimed: modules with an optimizer, and gradients that are taken and added by hand.
/// </summary>
internal sealed class TorchPeer : IPeer
{
    private const int MmapThreshold = -3, TrimThreshold = -1, Kept = 1 << 25;     // of mallopt: what is given back is asked for again

    private static readonly Lazy<string?> Loaded = new(static () =>
    {
        try
        {
            KeepMemory(MmapThreshold, Kept);
            KeepMemory(TrimThreshold, Kept);
            TestNatives.Load();
            set_num_threads(1);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or FileNotFoundException or NotSupportedException)
        {
            return e.Message.Split('\n')[0];
        }
    });

    public string Name => "torch";

    /// <summary>Why it cannot be measured; null if it can. Loads libtorch.</summary>
    internal static string? Missing() => Loaded.Value;
    public string? Missing(BenchmarkModel model) => Missing();

    public Contender Train(BenchmarkModel model, int batch, double seconds, double unitsPerStep = 1) => new(Name, TrainRun.Lazily(
        () =>
        {
            var step = Fastest(model, batch);
            return new Prepared(step, Measurement.Times(seconds, times => times / Measurement.PerProcessorSecond(step, times).Value));
        },
        prepared =>
        {
            var rate = Measurement.PerProcessorSecond(prepared.Step, prepared.Times);
            return rate with { Value = unitsPerStep * rate.Value };
        }))
    {
        Look = Missing,
    };

    public Contender Infer(BenchmarkModel model, double seconds) => InferRun.Contender(Name, seconds, () =>
    {
        var net = TorchNet.Of(model);
        net.eval();
        var rows = Enumerable.Range(0, model.Rows).Select(r => TorchNet.Rows(model, r, 1)).ToArray();
        return i =>
        {
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            nn.functional.softmax(net.call(rows[i % rows.Length]), 1);
        };
    }) with
    {
        Look = Missing,
    };

    public double Loss(BenchmarkModel model, int rows, int steps, float rate)
    {
        var losses = Ways(model, rows, rate).Select(way => Enumerable.Range(0, steps).Sum(_ => way(true)) / steps).ToList();
        return losses.MaxBy(loss => Math.Abs(loss - losses[0]));
    }

    private static Action<int> Fastest(BenchmarkModel model, int batch)
    {
        var ways = Ways(model, batch, 0.001f).Select(static way => (Action<int>)(_ => way(false))).ToList();
        return ways.MaxBy(static way =>
        {
            Measurement.PerProcessorSecond(way, 20);
            return Measurement.PerProcessorSecond(way, 50).Value;
        })!;
    }

    /// <summary>Ways to take a step on the first rows, each with a net of its own; a step gives its loss if asked.</summary>
    private static IEnumerable<Func<bool, double>> Ways(BenchmarkModel model, int batch, float rate)
    {
        var (rows, labels) = (TorchNet.Rows(model, 0, batch), TorchNet.Labels(model, batch));
        var trained = TorchNet.Of(model);
        var optimizer = optim.SGD(trained.parameters(), rate);
        yield return asked =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(trained.call(rows), labels);
            loss.backward();
            optimizer.step();
            return asked ? loss.ToSingle() : 0;
        };
        var direct = TorchNet.Of(model);
        Tensor[] values = [.. direct.parameters()];
        yield return asked =>
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.cross_entropy(direct.call(rows), labels);
            var gradients = autograd.grad([loss], values);
            using var still = no_grad();
            for (var i = 0; i < values.Length; i++) { values[i].add_(gradients[i], alpha: -rate); }
            return asked ? loss.ToSingle() : 0;
        };
    }

    /// <summary>Lets the allocator keep what libtorch gives back, as is best for it.</summary>
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "mallopt")]
    private static extern int KeepMemory(int parameter, int value);

    private sealed record Prepared(Action<int> Step, int Times);
}

/// <summary>The layers of a model as modules of PyTorch, and its rows as tensors.</summary>
internal static class TorchNet
{
    /// <summary>A module with the initial values of the model.</summary>
    internal static nn.Module<Tensor, Tensor> Of(BenchmarkModel model)
    {
        var input = model.Model.Plan.Input;
        var (channels, height, width) = ((long)input.Channels, (long)input.Height, (long)input.Width);
        var parts = new List<(string, nn.Module<Tensor, Tensor>)>();
        foreach (var layer in model.Layers.Split(','))
        {
            var words = layer.Split(':');
            var n = words.Skip(1).Select(static w => double.Parse(w, CultureInfo.InvariantCulture)).ToArray();
            if (words[0] == "dense" && parts.Count > 0 && height * width > 1) { Add(nn.Flatten()); }
            long kernel = words[0].StartsWith("conv", StringComparison.Ordinal) ? (long)n[1] : 0, padding = kernel == 0 ? 0 : (long)n[3];
            if (padding < 0) { padding = kernel / 2; }
            switch (words[0])
            {
                case "dense":
                    Add(nn.Linear(channels * height * width, (long)n[0]));
                    (channels, height, width) = ((long)n[0], 1, 1);
                    break;
                case "conv1d":
                    Add(nn.Conv1d(channels, (long)n[0], kernel, (long)n[2], padding));
                    (channels, width) = ((long)n[0], ((width + (2 * padding) - kernel) / (long)n[2]) + 1);
                    break;
                case "conv2d":
                    Add(nn.Conv2d(channels, (long)n[0], kernel, (long)n[2], padding));
                    (height, width) = (height + (2 * padding) - kernel, width + (2 * padding) - kernel);
                    (channels, height, width) = ((long)n[0], (height / (long)n[2]) + 1, (width / (long)n[2]) + 1);
                    break;
                case "batchnorm": Add(height > 1 ? nn.BatchNorm2d(channels, n[0], n[1]) : nn.BatchNorm1d(channels, n[0], n[1])); break;
                case "maxpool1d":
                    Add(nn.MaxPool1d((long)n[0]));
                    width /= (long)n[0];
                    break;
                case "maxpool2d":
                    Add(nn.MaxPool2d((long)n[0]));
                    (height, width) = (height / (long)n[0], width / (long)n[0]);
                    break;
                case "globalmean":
                    Add(nn.AdaptiveAvgPool1d(1));
                    Add(nn.Flatten());
                    (height, width) = (1, 1);
                    break;
                case "relu": Add(nn.ReLU(inplace: true)); break;
                default: throw new BenchmarkException($"no layer '{words[0]}'");
            }
        }
        var net = nn.Sequential(parts);
        Fill(net, model.Model);
        net.train();
        return net;

        void Add(nn.Module<Tensor, Tensor> part) => parts.Add(($"p{parts.Count}", part));
    }

    /// <summary>The first dimension is rows; a signal has two more, an image three.</summary>
    internal static Tensor Rows(BenchmarkModel model, int from, int rows)
    {
        var input = model.Model.Plan.Input;
        long[] row = input.Height > 1 ? [input.Channels, input.Height, input.Width]
            : input.Width > 1 ? [input.Channels, input.Width] : [input.Channels];
        return tensor(model.Features.AsSpan(from * input.Size, rows * input.Size).ToArray()).reshape([rows, .. row]);
    }

    internal static Tensor Labels(BenchmarkModel model, int rows) =>
        tensor(Enumerable.Range(0, rows).Select(r => (long)model.Label(r)).ToArray());

    /// <summary>Ours lie layer after layer: weights as [inputs · taps, outputs], then biases.</summary>
    private static void Fill(nn.Module net, IModel model)
    {
        using var still = no_grad();
        var slices = model.Plan.Slices.Where(static s => s.Kind == SliceKind.Trained);
        foreach (var (parameter, slice) in net.parameters().Zip(slices))
        {
            var values = tensor(slice.Of(model.Initial.Values.AsSpan()).ToArray());
            parameter.copy_(parameter.dim() == 1 ? values : values.reshape(-1, parameter.shape[0]).t().reshape(parameter.shape));
        }
    }
}
