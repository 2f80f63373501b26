namespace StreamLearn.Nodes;

/// <summary>The answer of a stage that has adopted a plan. Immutable.</summary>
public sealed record StageReady : ISized
{
    /// <summary>The source that receives it.</summary>
    public required string Source { get; init; }

    /// <summary>The stage.</summary>
    public required string Node { get; init; }

    /// <summary>Number of the plan.</summary>
    public required long Plan { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;

    internal static StageReady? Fields(ref FrameFields f, StageReady? r)
    {
        var (source, node, plan) = (f.Text(r?.Source), f.Text(r?.Node), f.Long(r?.Plan));
        return !f.HasRead() ? r : new() { Source = source, Node = node, Plan = plan };
    }
}
