namespace StreamLearn.Models;

/// <summary>Training target of a row.</summary>
public enum TargetKind
{
    /// <summary>A class: int32 column <c>label</c>.</summary>
    Label,

    /// <summary>A value per output: float64 column <c>target</c>, for a model of one output.</summary>
    Value,

    /// <summary>None: unsupervised.</summary>
    None,
}
