using System.Collections.Immutable;
using StreamLearn.Adaptation;

namespace TauDemo;

/// <summary>From a moment on, nodes have other digits.</summary>
/// <param name="At">Virtual time since the start.</param>
/// <param name="Case">Which.</param>
public readonly record struct CaseChange(TimeSpan At, DataCase Case);

/// <summary>What a fleet learns, from which data, and what it may use.</summary>
public sealed record TauFleetSettings
{
    /// <summary>Nodes, at least 2; default 5.</summary>
    public int Nodes { get; init; } = 5;

    /// <summary>Which digits each has; default all of them.</summary>
    public DataCase Case { get; init; } = DataCase.Uniform;

    /// <summary>When that changes, in order of time; default never.</summary>
    public ImmutableArray<CaseChange> Changes { get; init; } = [];

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

    /// <summary>Bytes that may be sent and got; null, the default: as many as will.</summary>
    public long? Bytes { get; init; }

    /// <summary>How steps are chosen.</summary>
    public TauSettings Settings { get; init; } = new();

    /// <summary>Seed of digits, order and times.</summary>
    public long Seed { get; init; }
}
