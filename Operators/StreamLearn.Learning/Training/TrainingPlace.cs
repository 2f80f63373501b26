namespace StreamLearn.Learning;

/// <summary>Where a model is trained.</summary>
public enum TrainingPlace
{
    /// <summary>In the cloud: rows are sent there.</summary>
    Cloud,

    /// <summary>On the edge: the rows stay.</summary>
    Edge,
}
