using System.Runtime.InteropServices;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace StreamLearn.Torch;

/// <summary>Determines shapes and side effects with dummy rows.</summary>
internal sealed class TorchProbe
{
    private const float Tolerance = 1e-3f;

    private readonly string _name;
    private readonly long[] _input;
    private readonly long _seed;
    private readonly int _threads;
    private readonly int _rows;     // differs from the number of outputs, so that the two can be distinguished

    private TorchProbe(string name, long[] input, int outputs, TorchOptions options)
    {
        (_name, _input, _seed, _threads, Boundaries) = (name, input, options.Seed, options.Threads, [input]);
        _rows = outputs == 3 ? 4 : 3;
    }

    /// <summary>Row shape before each part, then after the last.</summary>
    internal List<long[]> Boundaries { get; }

    /// <summary>Minimum number of rows in a training step: 2 if a batch norm refuses one.</summary>
    internal int MinRows { get; private set; } = 1;

    internal long InnerValues { get; private set; }

    internal static TorchProbe Of(
        string name, Shape shape, int outputs, TorchReplica training, TorchReplica answering, TorchOptions options)
    {
        var probe = new TorchProbe(name, DimensionsOf(shape), outputs, options);
        lock (TorchCalls.Gate)
        {
            try
            {
                probe.Answer(answering, outputs);
                probe.Step(training);
            }
            catch (Exception problem) when (problem is ExternalException or InvalidOperationException or ArgumentOutOfRangeException
                or NullReferenceException or OverflowException)
            {
                throw new ArgumentException($"{name}: expected a module for rows [{probe._rows}, {string.Join(", ", probe._input)}], "
                    + $"got: {problem.Message.Trim().Split('\n')[0]}", problem);
            }
        }

        return probe;
    }

    internal static long[] DimensionsOf(Shape shape) => shape.Height > 1 ? [shape.Channels, shape.Height, shape.Width]
        : shape.Width > 1 ? [shape.Channels, shape.Width] : [shape.Channels];

    private void Answer(TorchReplica replica, int outputs)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        set_num_threads(_threads);
        var (first, second) = (Input(replica, 1, _rows), Input(replica, 2, _rows));
        replica.Parts.Trunk(0, replica.Parts.Count, first, (_, x) =>
        {
            if (x.dim() is < 2 or > 4) { throw new ArgumentException($"{_name}: expected rows of 1 to 3 dimensions, got {Text(x)}"); }
            Boundaries.Add(x.shape[1..]);
        });
        foreach (var scores in Scores(replica, first))
        {
            if (scores.dtype == ScalarType.Float32 && scores.shape is [var r, var width] && r == _rows && width == outputs) { continue; }
            throw new ArgumentException($"{_name}: expected outputs [{_rows}, {outputs}] of float32, got {Text(scores)} of {scores.dtype}");
        }

        var before = Bits(Scores(replica, first));
        Scores(replica, second);
        if (!before.AsSpan().SequenceEqual(Bits(Scores(replica, first))))
        {
            throw new ArgumentException($"{_name}: expected the same answers to the same rows, got different ones: the module uses random "
                + "numbers in inference, or keeps state between calls");
        }

        var alone = Scores(replica, first.narrow(0, _rows - 1, 1));
        foreach (var (scores, one) in Scores(replica, first).Zip(alone))
        {
            var difference = (scores.narrow(0, _rows - 1, 1) - one).abs().max().item<float>();
            if (difference <= Tolerance * (1 + one.abs().max().item<float>())) { continue; }
            throw new ArgumentException($"{_name}: expected answers that do not depend on other rows of the batch, got a difference of "
                + $"{difference:0.###} for a single row: is there a layer such as LSTM without batchFirst: true?");
        }
    }

    private void Step(TorchReplica replica)
    {
        var kept = Constants(replica);
        Count(replica);
        var before = Step(replica, 1, _rows);
        Step(replica, 2, _rows);
        if (!before.AsSpan().SequenceEqual(Step(replica, 1, _rows)) || !kept.AsSpan().SequenceEqual(Constants(replica)))
        {
            throw new ArgumentException($"{_name}: expected the same step from the same seed, got a different one: the module uses its own "
                + "random numbers, or keeps state between steps");
        }

        try
        {
            Step(replica, 1, 1);
            var values = new float[replica.Count];
            replica.Values(values);
            if (!TensorPrimitives.IsFiniteAll<float>(values)) { MinRows = 2; }       // the variance of one row is not finite
        }
        catch (Exception problem) when (problem is ExternalException or InvalidOperationException or ArgumentException) { MinRows = 2; }
    }

    private byte[] Step(TorchReplica replica, int which, int rows)
    {
        using var scope = NewDisposeScope();
        using var normal = inference_mode(false);       // overrides the caller's inference mode
        using var graph = enable_grad();
        replica.Begin();
        TorchCalls.Seed(_seed, which, _threads);
        var scores = Scores(replica, Input(replica, 1, rows));
        autograd.backward([.. scores], [.. scores.Select(static s => ones_like(s))]);
        return [.. Bits(scores), .. replica.GradientBits()];
    }

    private void Count(TorchReplica replica)
    {
        var hooks = new List<Action>();
        foreach (var module in replica.Parts.Root is jit.ScriptModule ? [] : replica.Parts.Root.modules())
        {
            if (module is not nn.Module<Tensor, Tensor> inner) { continue; }
            hooks.Add(inner.register_forward_hook((_, _, output) =>
            {
                InnerValues += output.numel() / _rows;
                return output;
            }).remove);
        }

        Step(replica, 1, _rows);
        foreach (var hook in hooks) { hook(); }
    }

    private static List<Tensor> Scores(TorchReplica replica, Tensor input) => replica.Parts.Forward(0, replica.Parts.Count, input).Scores;

    private Tensor Input(TorchReplica replica, int which, int rows)
    {
        var values = new float[rows * (int)_input.Aggregate(1L, static (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++) { values[i] = MathF.Sin((i * which * 0.7f) + which); }
        return replica.Rows(values, _input, rows, rows);
    }

    /// <summary>Returns tensors that are neither trained nor statistics, such as masks.</summary>
    private static byte[] Constants(TorchReplica replica)
    {
        using var scope = NewDisposeScope();
        return [.. replica.Parts.Root.named_buffers()
            .Where(static b => !b.buffer.is_floating_point() && !b.name.EndsWith(TorchLayout.Batches, StringComparison.Ordinal))
            .SelectMany(static b => b.buffer.cpu().contiguous().bytes.ToArray())];
    }

    private static byte[] Bits(IEnumerable<Tensor> tensors) =>
        [.. tensors.SelectMany(static t => t.detach().cpu().contiguous().bytes.ToArray())];

    private static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
