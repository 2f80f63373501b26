namespace StreamLearn.Models;

/// <summary>What a row brings along for a model to learn from.</summary>
public enum TargetKind
{
    /// <summary>A class: int32 column <c>label</c>.</summary>
    Label,

    /// <summary>A value for each output: float64 column <c>target</c>, for a model of one output.</summary>
    Value,

    /// <summary>Nothing: the model finds out for itself.</summary>
    None,
}
