namespace StreamLearn.Models;

/// <summary>Training target of a row.</summary>
public enum TargetKind
{
    /// <summary>A class: int32 column <c>label</c>.</summary>
    Label,

    /// <summary>A value per output: float64 column <c>target</c>, for a model with one output.</summary>
    Value,

    /// <summary>No target: unsupervised.</summary>
    None,
}
