namespace StreamLearn.Models.Tests;

/// <summary>
/// A model over windows, for tests: logistic regression on the mean of the first channel, which a first layer scales. It keeps what it was
/// asked.
/// </summary>
internal sealed class WindowModel(int channels, int samples, int classes = 2) : IModel
{
    public ModelPlan Plan { get; } = new(
        new(channels, samples), classes, channels * samples,
        [
            (ModelPlan.ScaleMean, SliceKind.Statistic, channels), (ModelPlan.ScaleInverse, SliceKind.Statistic, channels),
            ("weight", SliceKind.Trained, classes), ("seen", SliceKind.Counter, 1),
        ]);

    public Weights Initial => new()
    {
        Version = 0,
        SchemaHash = Plan.SchemaHash,
        Values =
        [.. Enumerable.Repeat(0f, channels), .. Enumerable.Repeat(1f, channels), .. Enumerable.Range(0, classes).Select(c => (float)c), 0],
    };

    /// <summary>The rows that it was asked or trained with, the newest last.</summary>
    internal List<ImmutableArray<float>> Seen { get; } = [];

    /// <summary>The logit offsets of the last step.</summary>
    internal ImmutableArray<float> Offsets { get; private set; } = [];

    /// <summary>The labels of each step.</summary>
    internal List<ImmutableArray<int>> Steps { get; } = [];

    /// <summary>The weights of each step.</summary>
    internal List<ImmutableArray<float>> Weights { get; } = [];

    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        Offsets = [.. batch.LogitOffsets];
        Steps.Add([.. batch.Labels]);
        Weights.Add([.. weights]);
        gradients.Fill(1);
        foreach (var slice in Plan.Slices)
        {
            if (slice.Kind == SliceKind.Statistic) { slice.Of(weights).CopyTo(slice.Of(gradients)); }
        }
        Note(batch);
        return 1;
    }

    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        outputs.Clear();
        for (var r = 0; r < batch.Rows; r++)
        {
            var first = batch.Features.Slice(r * Plan.Input.Size, samples);
            outputs[(r * classes) + (first[^1] > 0 ? 1 : 0)] = 1;
        }
        Note(batch);
    }

    private void Note(in Sample batch)
    {
        for (var r = 0; r < batch.Rows; r++) { Seen.Add([.. batch.Features.Slice(r * Plan.Input.Size, Plan.Input.Size)]); }
    }
}
