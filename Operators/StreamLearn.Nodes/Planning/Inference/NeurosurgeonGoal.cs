namespace StreamLearn.Nodes;

/// <summary>Goals of <see cref="Neurosurgeon"/>.</summary>
public enum NeurosurgeonGoal
{
    /// <summary>Time from row to answer.</summary>
    Latency,

    /// <summary>The device's energy.</summary>
    Energy,
}
