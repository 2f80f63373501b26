using StreamLearn.Adaptation;

namespace TauDemo;

/// <summary>What a fleet learns, from which data, and what it may use.</summary>
public sealed record TauFleetSettings
{
    /// <summary>Nodes, at least 2; default 5.</summary>
    public int Nodes { get; init; } = 5;

    /// <summary>Which digits each has; default all of them.</summary>
    public DataCase Case { get; init; } = DataCase.Uniform;

    /// <summary>Digits that the nodes share; default 10,000.</summary>
    public int Digits { get; init; } = 10_000;

    /// <summary>Digits that no node has; default 4,000.</summary>
    public int UnseenDigits { get; init; } = 4_000;

    /// <summary>Rows of a local step; null: all that the node has. Default 100.</summary>
    public int? BatchRows { get; init; } = 100;

    /// <summary>How long steps and aggregations take.</summary>
    public TimingModel Timing { get; init; } = TimingModel.Stochastic;

    /// <summary>How long learning may take; default 15 s.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How steps are chosen.</summary>
    public TauSettings Settings { get; init; } = new();

    /// <summary>Seed of digits, order and times.</summary>
    public long Seed { get; init; }
}
