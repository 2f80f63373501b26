namespace TauDemo;

/// <summary>What a node does, whatever machine it runs on.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="BatchRows">Rows of a step, at least 1.</param>
/// <param name="LearningRate">The rate of a step, above 0.</param>
public sealed record NodePart(NodeRows Rows, int BatchRows, float LearningRate)
{
    /// <summary>Seed of an order of rows that other nodes have too; null, the default: it has its own.</summary>
    public long? DrawSeed { get; init; }

    /// <summary>Told what it sends and gets; null, the default: nobody asks.</summary>
    public Action<string>? Log { get; init; }
}
