namespace StreamLearn.Nodes;

/// <summary>What the layers are run for.</summary>
public enum PlannedWork
{
    /// <summary>Training: activations go forward over each boundary between nodes, and gradients come back.</summary>
    Training,

    /// <summary>Inference: activations go forward, and the answers come back from the last node.</summary>
    Inference,
}
