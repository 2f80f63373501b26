namespace StreamLearn.Learning;

/// <summary>Where a model is trained.</summary>
public enum TrainingPlace
{
    /// <summary>Training in the cloud: rows are sent there.</summary>
    Cloud,

    /// <summary>Training on the edge: rows stay.</summary>
    Edge,
}
