namespace StreamLearn.Nodes;

/// <summary>A cut with its costs per batch, beside those of all layers on the device.</summary>
internal readonly record struct CutChoice(int Cut, double Seconds, double HereSeconds)
{
    /// <summary>The choice of exit thresholds; -1: the rule leaves them as they are.</summary>
    public int Point { get; init; } = -1;

    /// <summary>Modelled from the power draw; 0: none.</summary>
    public double Joules { get; init; }

    public double HereJoules { get; init; }
}
