using StreamLearn.Compression;

namespace StreamLearn.Tables;

/// <summary>A device's answers and alerts.</summary>
/// <param name="Classes">Class names, in order.</param>
public sealed record AnswerOptions(ImmutableArray<string> Classes)
{
    /// <summary>A fixed version; default null: the fleet's newest.</summary>
    public Weights? Pinned { get; init; }

    /// <summary>The pinned version's model, a <see cref="Network"/> or <see cref="Int8Network"/>; null: the fleet's.</summary>
    public IModel? Model { get; init; }

    /// <summary>Quantizes each network version to 8 bits (<see cref="ModelCompression.Quantize"/>). The first
    /// <see cref="QuantizeOptions.CalibrationRows"/> windows set the ranges and are answered in float32. Excludes <see cref="Leaving"/>,
    /// <see cref="Work"/>, <see cref="Adaptive"/> and <see cref="Bound"/>. Default null: no quantization.</summary>
    public QuantizeOptions? Int8 { get; init; }

    /// <summary>The early-exit rule; default null: no early exits.</summary>
    public ExitRule? Leaving { get; init; }

    /// <summary>Exits that adapt to keep a loss; replaces <see cref="Leaving"/> and <see cref="Work"/>. Default null: none.</summary>
    public AdaptiveExits? Adaptive { get; init; }

    /// <summary>Average share of a whole pass that answers may cost, above 0; default 1: no bound.</summary>
    public double Work { get; init; } = 1;

    /// <summary>The coverage of an answer's possible classes, by the whole model: excludes <see cref="Leaving"/>, <see cref="Work"/> and
    /// <see cref="Adaptive"/>. Default null: none.</summary>
    public AnswerBound? Bound { get; init; }

    /// <summary>Target of answers; default null: none.</summary>
    public AnswerTarget? Answers { get; init; }

    /// <summary>The alert rules.</summary>
    public ImmutableArray<AlertRule> Alerts { get; init; } = [];

    /// <summary>The transports of all targets.</summary>
    public IEnumerable<ITransport> Transports =>
        (Answers is null ? [] : new[] { Answers.Transport }).Concat(Alerts.Select(static a => a.Target.Transport)).Distinct();
}

/// <summary>A coverage guarantee for an answer's possible classes; adapts to window labels if present.</summary>
/// <param name="Coverage">Share of answers whose possible classes include the right one, between 0 and 1.</param>
/// <param name="Scores">Scores on devices not used for training.</param>
public sealed record AnswerBound(double Coverage, ConformalScores Scores);

/// <summary>A target of answers or alerts.</summary>
/// <param name="Transport">The transport to the server.</param>
/// <param name="Topic">The topic, optionally with a level <c>{device}</c>.</param>
public sealed record AnswerTarget(ITransport Transport, string Topic)
{
    /// <summary>Returns a device's topic.</summary>
    /// <param name="device">The device; any text.</param>
    public Topic Of(string device) => Topic.Contains("{device}", StringComparison.Ordinal) ? new TopicTemplate(Topic).Of(device) : Topic;
}

/// <summary>A rule for alerts.</summary>
/// <param name="Class">The class.</param>
/// <param name="Confidence">Minimum confidence, 0 to 1.</param>
/// <param name="Windows">Consecutive windows, at least 1.</param>
/// <param name="Again">Minimum time between alerts of this rule.</param>
/// <param name="Target">The target.</param>
public sealed record AlertRule(string Class, float Confidence, int Windows, TimeSpan Again, AnswerTarget Target);
