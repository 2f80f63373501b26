using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>What checkpoints of a pipeline cost, before it runs.</summary>
public static class CheckpointText
{
    /// <summary>Bytes of state that a small device writes to memory in a second.</summary>
    private const double SavedBytesPerSecond = 1e9;

    /// <summary>What <see cref="Pipeline.Explain()"/> says, and of a run that keeps checkpoints: when they are made, how large they may
    /// be, the longest pause expected at 1 GB/s, of which blocks nothing is saved, and what of the pipeline cannot be saved.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="checkpoints">The checkpoints that the run is to keep.</param>
    public static string Explain(this Pipeline pipeline, CheckpointOptions checkpoints)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(checkpoints);
        return GraphText.Explain(pipeline, (state, messages, unsized) => Of(pipeline, checkpoints, state, state + messages, unsized));
    }

    private static string Of(Pipeline pipeline, CheckpointOptions checkpoints, long state, long full, IReadOnlyList<string> unsized)
    {
        var isKnown = unsized.Count == 0;
        var rest = isKnown ? "" : $", and what {string.Join(", ", unsized)} keep: its size is not declared (IBlockOptions.StateBytes)";
        var every = checkpoints.Every == Timeout.InfiniteTimeSpan
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"every {checkpoints.Every.TotalSeconds:0.###} s, ");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\ncheckpoints in {checkpoints.Folder}, the newest {checkpoints.Keep} kept\n");
        text.Append(CultureInfo.InvariantCulture,
            $"  {every}when asked for, and {checkpoints.HoldAtMost.TotalMilliseconds:0.#} ms after a message began to wait for one\n");
        text.Append(CultureInfo.InvariantCulture, $"  state {(isKnown ? "" : "unknown: ")}at most {Sizes.Text(state)}, ");
        text.Append(CultureInfo.InvariantCulture, $"with all edges full {Sizes.Text(full)}{rest}\n");
        text.Append("  longest pause expected: ").Append(isKnown ? "" : "unknown, at least ");
        text.Append(CultureInfo.InvariantCulture, $"{Milliseconds(state)}, with all edges full {Milliseconds(full)}, at ");
        text.Append(CultureInfo.InvariantCulture, $"{SavedBytesPerSecond / 1e9:0} GB/s; and the rest of the call under way\n");
        if (DeclaredState.Silent(pipeline).ToList() is { Count: > 0 } silent)
        {
            text.Append("  no state is saved of: ").AppendJoin(", ", silent);
            text.Append(" (they declare none; what one of them keeps all the same begins anew)\n");
        }

        foreach (var problem in RunUnit.Problems(pipeline)) { text.Append("  cannot be saved: ").Append(problem).Append('\n'); }
        return text.ToString();
    }

    private static string Milliseconds(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{1e3 * bytes / SavedBytesPerSecond:0.##} ms");
}
