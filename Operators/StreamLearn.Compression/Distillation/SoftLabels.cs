using System.Numerics.Tensors;
using System.Text;

namespace StreamLearn.Compression;

/// <summary>The scores that a network gives rows which sender and receiver both have. Immutable.</summary>
public sealed record SoftLabels : ISized
{
    internal const int MaxDeviceBytes = 256;

    private const int RowsAtOnce = 256;

    /// <summary>The sender: 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = Encoding.UTF8.GetByteCount(value) is >= 1 and <= MaxDeviceBytes
            ? value : throw new ArgumentException($"expected a name of 1 to {MaxDeviceBytes} bytes, got '{value}'", nameof(Device));
    }

    /// <summary>The round; default 0.</summary>
    public long Round { get; init; }

    /// <summary>Classes, at least 2.</summary>
    public required int Classes { get; init; }

    /// <summary>Index of each row among the shared rows.</summary>
    public required ImmutableArray<int> Rows { get; init; }

    /// <summary>The scores before the softmax, <c>[rows, classes]</c>.</summary>
    public required ImmutableArray<float> Logits { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 96 + (4L * (Rows.Length + Logits.Length));

    /// <summary>Scores rows with a network's last exit.</summary>
    /// <param name="teacher">The network.</param>
    /// <param name="rows">All rows; labels are ignored.</param>
    /// <param name="places">Indexes of the rows to score.</param>
    /// <param name="device">The sender.</param>
    /// <param name="round">The round; default 0.</param>
    /// <exception cref="ArgumentException">The rows or values do not fit the network, or a row does not exist.</exception>
    /// <exception cref="NotSupportedException">The model is not a network.</exception>
    public static SoftLabels Of(LoadedModel teacher, in Sample rows, ImmutableArray<int> places, string device, long round = 0)
    {
        var network = teacher.NetworkOf("soft labels");
        var plan = network.Plan;
        plan.RequireAnswer(rows, plan.Values, checked(rows.Rows * plan.Outputs));
        var (size, exits) = (plan.Input.Size, network.Exits.Length);
        var (features, scores) = (new float[RowsAtOnce * size], new float[exits * RowsAtOnce * plan.Outputs]);
        var (logits, memory) = (new float[places.Length * plan.Outputs], new Workspace());
        for (var from = 0; from < places.Length; from += RowsAtOnce)
        {
            var some = places.AsSpan()[from..Math.Min(places.Length, from + RowsAtOnce)];
            for (var i = 0; i < some.Length; i++)
            {
                if ((uint)some[i] >= (uint)rows.Rows) { throw new ArgumentException($"expected a row below {rows.Rows}, got {some[i]}"); }
                rows.Features.Slice(some[i] * size, size).CopyTo(features.AsSpan(i * size));
            }

            var given = scores.AsSpan(0, exits * some.Length * plan.Outputs);
            network.Logits(teacher.Weights.Values.AsSpan(), new(features.AsSpan(0, some.Length * size), some.Length), given, memory);
            given[^(some.Length * plan.Outputs)..].CopyTo(logits.AsSpan(from * plan.Outputs));
        }

        return new() { Device = device, Round = round, Classes = plan.Outputs, Rows = places, Logits = [.. logits] };
    }

    /// <summary>Averages the scores that several devices give the same rows. Each is weighted by confidence: its greatest probability minus
    /// chance.</summary>
    /// <remarks>It adds in the order of devices, in float64. Source: Li, Wang (2019), <i>FedMD</i>, for the consensus; the weights are this
    /// library's.</remarks>
    /// <param name="given">Scores of at least one device.</param>
    /// <param name="device">The device that averages.</param>
    /// <exception cref="ArgumentException">There are no scores, or the rows, classes or rounds differ.</exception>
    public static SoftLabels Consensus(IReadOnlyList<SoftLabels> given, string device)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (given.Count == 0) { throw new ArgumentException("expected scores of at least one device"); }
        var first = given[0];
        foreach (var one in given)
        {
            if (one.Classes != first.Classes || one.Round != first.Round || !one.Rows.AsSpan().SequenceEqual(first.Rows.AsSpan()))
            {
                throw new ArgumentException($"expected scores of the same rows, classes and round, got {one} and {first}");
            }
        }

        var (classes, mean) = (first.Classes, new float[first.Logits.Length]);
        var (sums, powers) = (new double[classes], new float[classes]);
        for (var at = 0; at < mean.Length; at += classes)
        {
            Array.Clear(sums);
            var all = 0.0;
            foreach (var one in given)
            {
                var row = one.Logits.AsSpan().Slice(at, classes);
                var weight = Confidence(row, powers);
                all += weight;
                for (var c = 0; c < classes; c++) { sums[c] += weight * row[c]; }
            }

            for (var c = 0; c < classes; c++) { mean[at + c] = (float)(sums[c] / all); }
        }

        return first with { Device = device, Logits = [.. mean] };
    }

    /// <inheritdoc />
    public override string ToString() => $"scores of {Device}, round {Round}, {Rows.Length} rows, {Classes} classes";

    /// <summary>The result is above 0, so that uncertain rows have a mean too.</summary>
    private static double Confidence(ReadOnlySpan<float> scores, Span<float> powers)
    {
        var highest = TensorPrimitives.Max(scores);
        for (var c = 0; c < scores.Length; c++) { powers[c] = MathF.Exp(scores[c] - highest); }
        var sum = 0.0;
        foreach (var power in powers) { sum += power; }
        return (1 / sum) - (1.0 / scores.Length) + 1e-6;
    }
}
