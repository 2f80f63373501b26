namespace StreamLearn.Compression;

/// <summary>Settings of distillation.</summary>
public sealed record DistillOptions
{
    /// <summary>Temperature of both softmaxes, above 0; default 4.</summary>
    public float Temperature { get; init; } = 4;

    /// <summary>Teacher's share of the loss, in [0, 1]; labels get the rest. Default 0.7.</summary>
    public float TeacherShare { get; init; } = 0.7f;

    /// <summary>Training settings; default 4,000 steps of 16 rows, rate 0.01, momentum 0.9.</summary>
    public RetrainOptions Retrain { get; init; } = new() { Steps = 4_000, BatchRows = 16 };

    internal Distillation Loss => new(Temperature, TeacherShare);
}
