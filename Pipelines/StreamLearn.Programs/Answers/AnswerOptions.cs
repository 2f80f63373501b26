using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>How a device answers its windows, and whom it alarms.</summary>
/// <param name="Classes">Names of the classes, in order.</param>
public sealed record AnswerOptions(ImmutableArray<string> Classes)
{
    /// <summary>A version that stays in use; null, the default: the fleet's newest, from the first that comes on.</summary>
    public Weights? Pinned { get; init; }

    /// <summary>The model of the pinned version, a <see cref="Network"/> or an <see cref="Int8Network"/>; null: the fleet's.</summary>
    public IModel? Model { get; init; }

    /// <summary>Each version of a network answers in integers of 8 bits (<see cref="ModelCompression.Quantize"/>), with ranges of the first
    /// <see cref="QuantizeOptions.CalibrationRows"/> windows; these are answered in float32. The whole model answers:
    /// <see cref="Leaving"/>, <see cref="Work"/>, <see cref="Adaptive"/>, <see cref="Across"/> and <see cref="Bound"/> do not go with it.
    /// Null, the default: a version answers as it is.</summary>
    public QuantizeOptions? Int8 { get; init; }

    /// <summary>When a window leaves early; null, the default: never.</summary>
    public ExitRule? Leaving { get; init; }

    /// <summary>A loss to keep to while answering, whatever the windows become; it takes the place of <see cref="Leaving"/> and
    /// <see cref="Work"/>. Null, the default: none.</summary>
    public AdaptiveExits? Adaptive { get; init; }

    /// <summary>The share of a whole pass that answers may cost on average, above 0; 1, the default: no bound.</summary>
    public double Work { get; init; } = 1;

    /// <summary>How it answers together with the aggregator, by the fleet's newest version; null, the default: it answers
    /// alone.</summary>
    public AcrossOptions? Across { get; init; }

    /// <summary>How many classes an answer leaves possible, by the whole model: <see cref="Leaving"/>, <see cref="Work"/>,
    /// <see cref="Adaptive"/> and <see cref="Across"/> do not go with it. Null, the default: that is not said.</summary>
    public AnswerBound? Bound { get; init; }

    /// <summary>Where answers go; null, the default: nowhere.</summary>
    public AnswerTarget? Answers { get; init; }

    /// <summary>Which answers are alerts.</summary>
    public ImmutableArray<AlertRule> Alerts { get; init; } = [];

    /// <summary>The transports of all of them.</summary>
    public IEnumerable<ITransport> Transports =>
        (Answers is null ? [] : new[] { Answers.Transport }).Concat(Alerts.Select(static a => a.Target.Transport)).Distinct();
}

/// <summary>What is promised of the classes that an answer leaves possible. Where windows have labels, it adapts to them.</summary>
/// <param name="Coverage">The share of answers whose possible classes hold the right one, above 0 and below 1.</param>
/// <param name="Scores">The scores on devices that nobody learned from.</param>
public sealed record AnswerBound(double Coverage, ConformalScores Scores);

/// <summary>A place for answers or alerts.</summary>
/// <param name="Transport">How the server is reached.</param>
/// <param name="Topic">The topic, with or without a level <c>{device}</c>.</param>
public sealed record AnswerTarget(ITransport Transport, string Topic)
{
    /// <summary>The topic of a device.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic Of(string device) => Topic.Contains("{device}", StringComparison.Ordinal) ? new TopicTemplate(Topic).Of(device) : Topic;
}

/// <summary>Which answers are an alert.</summary>
/// <param name="Class">The class.</param>
/// <param name="Confidence">How sure the answers have to be at least, 0 to 1.</param>
/// <param name="Windows">In how many windows, one after the other, at least 1.</param>
/// <param name="Again">No alert of this rule comes sooner after another.</param>
/// <param name="Target">Where it goes.</param>
public sealed record AlertRule(string Class, float Confidence, int Windows, TimeSpan Again, AnswerTarget Target);
