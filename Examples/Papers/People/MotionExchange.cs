using System.Collections.Immutable;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>What a fleet of people sends, and when. <paramref name="Strategy"/>: when a version is made, and of what.
/// <paramref name="Steps"/>: steps of an update, where the strategy does not say.</summary>
internal sealed record MotionExchange(string Name, Strategy Strategy, int Steps)
{
    /// <summary>Which changes go with an update; null, the default: all.</summary>
    public KeepSignificantOptions? Significant { get; init; }

    /// <summary>True if versions wait for all devices.</summary>
    internal bool IsInStep => Strategy is AdaptiveTau;
}

/// <summary>A model that a fleet had in use. <paramref name="BytesUp"/>: bytes that all devices had sent by then.
/// <paramref name="Accuracy"/>: share of the windows of unseen people that it answers rightly.</summary>
internal readonly record struct MotionPoint(long BytesUp, double Seconds, double Accuracy);

/// <summary>What a fleet has come to. <paramref name="Points"/>: models that it had in use, by the bytes sent; the last one is that of the
/// end.</summary>
internal sealed record MotionResult(string Name, ImmutableArray<MotionPoint> Points)
{
    /// <summary>Bytes that all devices have sent.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Bytes that all devices have got.</summary>
    public required long BytesDown { get; init; }

    /// <summary>Versions made.</summary>
    public required int Versions { get; init; }

    /// <summary>Updates that went into versions.</summary>
    public required long Updates { get; init; }

    /// <summary>Updates that were refused.</summary>
    public required long Refused { get; init; }

    /// <summary>Local steps of all devices.</summary>
    public required long Steps { get; init; }

    /// <summary>The steps that each version asked for; empty where the strategy does not say.</summary>
    public ImmutableArray<int> Tau { get; init; } = [];

    /// <summary>The accuracy of the model in use at the end.</summary>
    public double Accuracy => Points[^1].Accuracy;

    /// <summary>Virtual time of the last version.</summary>
    public double Seconds => Points[^1].Seconds;
}
