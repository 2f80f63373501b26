using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>An immutable graph of blocks and bounded edges that can be printed, compared and checked before it runs.</summary>
public sealed class Pipeline : IEquatable<Pipeline>
{
    internal Pipeline(string name, ImmutableArray<Node> nodes, ImmutableArray<Edge> edges, ImmutableArray<TopicLevel> levels,
        ImmutableArray<MessageCodec> codecs) =>
        (Name, Nodes, Edges, Levels, Codecs) = (name, nodes, edges, levels, codecs);

    /// <summary>The name; in a fleet, the device.</summary>
    public string Name { get; }

    internal ImmutableArray<Node> Nodes { get; }

    internal ImmutableArray<Edge> Edges { get; }

    /// <summary>Returns true if the pipeline has a block with this name.</summary>
    public bool Has(string block) => Nodes.Any(n => n.Name == block);

    /// <summary>The named levels of subscribed topics.</summary>
    public ImmutableArray<TopicLevel> Levels { get; }

    internal ImmutableArray<MessageCodec> Codecs { get; }

    /// <summary>Defines a pipeline.</summary>
    /// <param name="name">1 to 64 letters, digits, dots, underscores and hyphens, not starting with a dot.</param>
    /// <param name="build">Adds the blocks.</param>
    /// <exception cref="ArgumentException">The name or a block option is out of range.</exception>
    /// <exception cref="PipelineDefinitionException">The wiring is invalid; lists every problem.</exception>
    public static Pipeline Define(string name, Action<PipelineBuilder> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 64 || name[0] == '.' || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
        {
            throw new ArgumentException(
                $"expected a pipeline name of 1 to 64 letters, digits, dots, underscores and hyphens, got '{name}'", nameof(name));
        }

        var builder = new PipelineBuilder(name);
        build(builder);
        return builder.Build();
    }

    /// <summary>Starts the pipeline in the dataflow host.</summary>
    /// <param name="options">The settings; null: defaults.</param>
    /// <param name="cancellationToken">Stops the run at once and frees every batch.</param>
    /// <exception cref="BlockFailedException">A block could not be made.</exception>
    public PipelineRun Start(RunOptions? options = null, CancellationToken cancellationToken = default) =>
        DataflowHost.Start(this, options ?? new(), cancellationToken);

    /// <summary>Runs the pipeline in the dataflow host until its sources end.</summary>
    /// <param name="cancellationToken">Stops the run at once and frees every batch.</param>
    /// <returns>The counters.</returns>
    /// <exception cref="InvalidOperationException">The pipeline has an input, which nobody could feed or end.</exception>
    /// <exception cref="BlockFailedException">A block threw.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async Task<RunMetrics> RunAsync(CancellationToken cancellationToken = default)
    {
        if (Nodes.FirstOrDefault(n => n.Kind == NodeKind.Input) is { } input)
        {
            throw new InvalidOperationException(
                $"pipeline '{Name}' has the input '{input.Name}', which RunAsync cannot feed: use Start, then SendAsync and Complete");
        }

        var run = Start(null, cancellationToken);
        await using var _ = run.ConfigureAwait(false);
        await run.Completion.ConfigureAwait(false);
        return run.Metrics;
    }

    internal long MaxOutputBytes(Node node) =>
        Edges.Where(e => e.From == node.Index).Select(static e => e.Options.CapacityBytes).DefaultIfEmpty(long.MaxValue).Max();

    /// <summary>Renders the graph as a Mermaid flowchart.</summary>
    public string ToMermaid() => GraphText.Mermaid(this, null);

    /// <summary>Renders the graph in Graphviz DOT.</summary>
    public string ToDot() => GraphText.Dot(this);

    /// <summary>Describes guarantees and costs: for each edge, its policy, capacity and worst-case bytes, for each source, its delivery
    /// level; for each block, its state.</summary>
    public string Explain() => GraphText.Explain(this, null);

    /// <inheritdoc />
    public bool Equals(Pipeline? other) =>
        other is not null && Name == other.Name && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan())
            && Edges.AsSpan().SequenceEqual(other.Edges.AsSpan()) && Levels.AsSpan().SequenceEqual(other.Levels.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Pipeline);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Nodes.Length, Edges.Length);

    /// <inheritdoc />
    public override string ToString() => $"{Name}: {string.Join(" | ", Nodes)}";
}
