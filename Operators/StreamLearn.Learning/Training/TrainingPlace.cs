namespace StreamLearn.Learning;

/// <summary>Where a model is trained.</summary>
public enum TrainingPlace
{
    /// <summary>In the cloud: the rows go there.</summary>
    Cloud,

    /// <summary>On the edge: the rows stay.</summary>
    Edge,
}
