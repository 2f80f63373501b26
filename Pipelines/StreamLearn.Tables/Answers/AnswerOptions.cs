using StreamLearn.Compression;

namespace StreamLearn.Tables;

internal sealed record AnswerOptions(ImmutableArray<string> Classes)
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

    /// <summary>Maximum average share of a whole pass that answers may cost, above 0; default 1: no bound.</summary>
    public double Work { get; init; } = 1;

    /// <summary>The coverage guaranteed for the possible classes of an answer by the whole model; excludes <see cref="Leaving"/>,
    /// <see cref="Work"/> and <see cref="Adaptive"/>. Default null: none.</summary>
    public AnswerBound? Bound { get; init; }

    public AnswerTarget? Answers { get; init; }

    public ImmutableArray<AlertRule> Alerts { get; init; } = [];

    public IEnumerable<ITransport> Transports =>
        (Answers is null ? [] : new[] { Answers.Transport }).Concat(Alerts.Select(static a => a.Target.Transport)).Distinct();
}

/// <summary>The share of answers whose possible classes include the right one; adapts to window labels if present.</summary>
internal sealed record AnswerBound(double Coverage, ConformalScores Scores);

/// <summary>A target of answers or alerts; the topic may have a level <c>{device}</c>.</summary>
internal sealed record AnswerTarget(ITransport Transport, string Topic)
{
    public Topic Of(string device) => Topic.Contains("{device}", StringComparison.Ordinal) ? new TopicTemplate(Topic).Of(device) : Topic;
}

/// <summary>Alerts after <paramref name="Windows"/> consecutive windows, at most one in the time <paramref name="Again"/>.</summary>
internal sealed record AlertRule(string Class, float Confidence, int Windows, TimeSpan Again, AnswerTarget Target);
