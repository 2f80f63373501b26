namespace StreamLearn.Nodes;

/// <summary>What <see cref="Neurosurgeon"/> makes small.</summary>
public enum NeurosurgeonGoal
{
    /// <summary>The time from the row to the answer.</summary>
    Latency,

    /// <summary>The device's energy.</summary>
    Energy,
}
