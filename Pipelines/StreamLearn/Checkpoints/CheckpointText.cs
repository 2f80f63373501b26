using System.Globalization;
using System.Text;

namespace StreamLearn;

internal static class CheckpointText
{
    /// <summary>Rate at which a small device saves state to memory.</summary>
    private const double SavedBytesPerSecond = 1e9;

    internal static string Explain(Pipeline pipeline, CheckpointOptions checkpoints) =>
        GraphText.Explain(pipeline, (state, messages, unsized) => Of(pipeline, checkpoints, state, state + messages, unsized));

    private static string Of(Pipeline pipeline, CheckpointOptions checkpoints, long state, long full, IReadOnlyList<string> unsized)
    {
        var every = checkpoints.Every == Timeout.InfiniteTimeSpan
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"every {checkpoints.Every.TotalSeconds:0.###} s, ");
        var text = new StringBuilder();
        text.Append(checkpoints.Elsewhere is not null ? "\ncheckpoints are kept elsewhere\n"
            : string.Create(CultureInfo.InvariantCulture, $"\ncheckpoints in {checkpoints.Folder}, the newest {checkpoints.Keep} kept\n"));
        text.Append(CultureInfo.InvariantCulture,
            $"  {every}on request, and {checkpoints.HoldAtMost.TotalMilliseconds:0.#} ms after a message began to wait for one\n");
        text.Append(CultureInfo.InvariantCulture, $"  declared state: at most {Sizes.Text(state)}; ");
        text.Append(CultureInfo.InvariantCulture, $"with all edges full: {Sizes.Text(full)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  longest pause expected: {Milliseconds(state)}; ");
        text.Append(CultureInfo.InvariantCulture, $"with all edges full: {Milliseconds(full)}; ");
        text.Append(CultureInfo.InvariantCulture, $"at {SavedBytesPerSecond / 1e9:0} GB/s, after the calls in progress\n");
        foreach (var block in unsized)
        {
            text.Append(CultureInfo.InvariantCulture, $"  not in these figures: {block}, which does not declare the size of its state ");
            text.Append("(IBlockOptions.StateBytes)\n");
        }

        if (checkpoints.State is { } program)
        {
            text.Append(CultureInfo.InvariantCulture, $"  not in these figures: the program's own state, {program.StateFormat}\n");
        }

        if (DeclaredState.Silent(pipeline).ToList() is { Count: > 0 } silent)
        {
            text.Append("  no state is saved of: ").AppendJoin(", ", silent);
            text.Append(" (they declare none; any state they keep is lost at a restart)\n");
        }

        Append(text, pipeline, NodeKind.Source, "resumes after a restart if ISeekable or IStateful; otherwise starts over");
        Append(text, pipeline, NodeKind.Sequence, "starts over after a restart, as every sequence does");
        foreach (var problem in RunUnit.Problems(pipeline)) { text.Append("  cannot be saved: ").Append(problem).Append('\n'); }
        return text.ToString();
    }

    private static void Append(StringBuilder text, Pipeline pipeline, NodeKind kind, string what)
    {
        foreach (var node in pipeline.Nodes.Where(n => n.Kind == kind))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {node.Name} {what}\n");
        }
    }

    private static string Milliseconds(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{1e3 * bytes / SavedBytesPerSecond:0.##} ms");
}
