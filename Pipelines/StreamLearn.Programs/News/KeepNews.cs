using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>How a device tells its owner what it sees.</summary>
/// <param name="Every">Minimum time between messages, above 0.</param>
internal sealed record NewsOptions(TimeSpan Every)
{
    /// <summary>The unit of a value; default empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Returns the windows that wait for a label; default null: none do.</summary>
    public Func<long>? Waiting { get; init; }
}

internal static class NewsExtensions
{
    /// <summary>Keeps what the device answers, and tells it.</summary>
    /// <remarks>State: the newest message. Emits: a message for new windows, at most every <see cref="NewsOptions.Every"/>, and at the
    /// end; while windows wait for labels, also when their number changes.</remarks>
    /// <param name="windows">The windows; they are not read.</param>
    /// <param name="options">The settings.</param>
    /// <param name="answers">Answers to the windows; null: none.</param>
    /// <param name="alerts">Alerts of these answers.</param>
    /// <param name="anomalies">Starts and ends of episodes; null: none. Without answers they are the class.</param>
    internal static Flow<DeviceNews> News(
        this Flow<Batch> windows, NewsOptions options, Flow<WindowAnswer>? answers, IEnumerable<Flow<Alert>> alerts,
        Flow<AnomalyAlert>? anomalies)
    {
        var news = windows.Via("news", new NewsBlock(options, answers is not null),
            static (NewsBlock block, OperatorContext context, IOutput<DeviceNews> output) => new KeepNews(block, context, output));
        if (answers is not null) { news = news.ControlledBy(answers); }
        foreach (var alert in alerts) { news = news.ControlledBy(alert); }
        return anomalies is null ? news : news.ControlledBy(anomalies);
    }
}

internal sealed record NewsBlock(NewsOptions Options, bool Answers) : IBlockOptions
{
    public string State => "the newest message";

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of(DeviceNews.Json), MessageCodec.Of(WindowAnswer.Json), MessageCodec.Of(Alert.Json),
        MessageCodec.Of(AnomalyAlert.Json),
    ];

    public override string ToString() => FormattableString.Invariant($"every {Options.Every.TotalSeconds} s");
}

internal sealed class KeepNews(NewsBlock block, OperatorContext context, IOutput<DeviceNews> output)
    : Operator<Batch>, IControlledBy<WindowAnswer>, IControlledBy<Alert>, IControlledBy<AnomalyAlert>, IStateful
{
    private DeviceNews _news = new(context.Pipeline) { Unit = block.Options.Unit };
    private DateTimeOffset? _due;
    private bool _isNew;

    public string StateFormat => "news/1";

    public void State(ref StateStream s) => s.Value(ref _news, DeviceNews.Json);

    public override void Process(Batch input)
    {
        using (input) { _news = _news with { Time = TimeOf(input.TryColumn(Schema.TimeColumn, out var times) ? times.Values<long>() : []) }; }
        Tell();
    }

    public void Control(WindowAnswer message) => _news = _news with
    {
        Class = message.Class,
        Confidence = message.Value is null ? message.Confidence : null,
        Value = message.Value,
        Since = message.Value is null && message.Class == _news.Class ? _news.Since : message.Time,
    };

    public void Control(Alert message) => _news = _news with { Alert = message.Answer.Class, AlertAt = message.Answer.Time };

    public void Control(AnomalyAlert message)
    {
        var at = message.IsOver ? message.Time : message.Since;
        _news = _news with { Alert = $"{message.Channel} {(message.IsOver ? "usual again" : "unusual")}".TrimStart(), AlertAt = at };
        if (!block.Answers) { _news = _news with { Class = message.IsOver ? "normal" : "alert", Since = at }; }
    }

    public override void WakeUp()
    {
        if (_isNew || block.Options.Waiting?.Invoke() != _news.Waiting) { Tell(); }
        else { LookAgain(); }
    }

    public override void Complete()
    {
        if (_isNew) { Emit(); }
    }

    private void Tell()
    {
        _isNew = true;
        if (_due is { } due && due > context.Now) { context.WakeAt(due); }
        else { Emit(); }
    }

    private void Emit()
    {
        (_isNew, _due) = (false, context.Now + block.Options.Every);
        _news = _news with { Waiting = block.Options.Waiting?.Invoke() };
        output.Emit(_news);
        LookAgain();
    }

    /// <summary>A label can come when no window does.</summary>
    private void LookAgain()
    {
        if (_news.Waiting > 0) { context.WakeAt(context.Now + block.Options.Every); }
    }

    private static DateTimeOffset? TimeOf(ReadOnlySpan<long> times) =>
        times.IsEmpty ? null : DateTimeOffset.UnixEpoch.AddTicks(times[^1] / TimeSpan.NanosecondsPerTick);
}
