namespace StreamLearn.Compression;

/// <summary>Settings for training a compressed network. Rows are shuffled in each pass.</summary>
public sealed record RetrainOptions
{
    /// <summary>Optimizer; default SGD with a rate of 0.01 and a momentum of 0.9.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.01f, 0.9f);

    /// <summary>Steps, at least 1; default 1,000.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>Rows per step, at least 1; default 32, fewer if there are fewer rows.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Seed of the order; default 0.</summary>
    public long Seed { get; init; }

    internal void Check(ModelPlan plan, in Sample rows)
    {
        Optimizer.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        if (rows.Rows < 1 || rows.Features.Length != (long)rows.Rows * plan.Input.Size)
        {
            throw new ArgumentException($"expected rows of {plan.Input.Size} features, got {rows.Features.Length} for {rows.Rows} rows");
        }

        if (plan.Target == TargetKind.Label && rows.Labels.Length != rows.Rows)
        {
            throw new ArgumentException($"expected {rows.Rows} labels, one for each row, got {rows.Labels.Length}");
        }

        if (plan.Target == TargetKind.Value && rows.Targets.Length != (long)rows.Rows * plan.Outputs)
        {
            throw new ArgumentException($"expected {(long)rows.Rows * plan.Outputs} targets, got {rows.Targets.Length}");
        }
    }
}
