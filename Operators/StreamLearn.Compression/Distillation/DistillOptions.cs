using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>How a student learns from a teacher's scores.</summary>
public sealed record DistillOptions
{
    /// <summary>The temperature of both softmaxes, above 0; default 4.</summary>
    public float Temperature { get; init; } = 4;

    /// <summary>Share of the teacher in the loss, in [0, 1]; the labels have the rest. Default 0.7.</summary>
    public float TeacherShare { get; init; } = 0.7f;

    /// <summary>How the student is trained; default 4,000 steps of 16 rows, rate 0.01, momentum 0.9.</summary>
    public RetrainOptions Retrain { get; init; } = new() { Steps = 4_000, BatchRows = 16 };

    internal Distillation Loss => new(Temperature, TeacherShare);
}
