namespace StreamLearn.Nodes;

/// <summary>Kinds of planned work.</summary>
public enum PlannedWork
{
    /// <summary>Training: gradients return over each boundary.</summary>
    Training,

    /// <summary>Inference: answers return from the last node.</summary>
    Inference,
}
