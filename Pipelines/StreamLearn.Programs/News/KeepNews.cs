using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>How a device tells its owner what it sees.</summary>
/// <param name="Every">Minimum time between messages, above 0.</param>
internal sealed record NewsOptions(TimeSpan Every)
{
    /// <summary>The unit of a value; default empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Returns where the layers run; default null: on the device.</summary>
    public Func<string>? Where { get; init; }

    /// <summary>Returns the windows that wait for a label; default null: none do.</summary>
    public Func<long>? Waiting { get; init; }
}

internal static class NewsExtensions
{
    /// <summary>Keeps what the device answers, and tells it.</summary>
    /// <remarks>State: the newest message. Emits: a message for new windows, at most every <see cref="NewsOptions.Every"/>, and at the
    /// end; while windows wait for labels, also when their number changes.</remarks>
    /// <param name="answers">The answers.</param>
    /// <param name="options">The settings.</param>
    /// <param name="windows">The windows, which are not read: until a version comes they have no answers.</param>
    /// <param name="alerts">Alerts of these answers.</param>
    /// <param name="anomalies">Starts and ends of episodes; null: none.</param>
    internal static Flow<DeviceNews> News(this Flow<WindowAnswer> answers, NewsOptions options, Flow<Batch> windows,
        IEnumerable<Flow<Alert>> alerts, Flow<AnomalyAlert>? anomalies)
    {
        var news = answers.Via("news", new NewsBlock(options),
                static (NewsBlock block, OperatorContext context, IOutput<DeviceNews> output) => new KeepNews(block, context, output))
            .ControlledBy(windows);
        foreach (var alert in alerts) { news = news.ControlledBy(alert); }
        return anomalies is null ? news : news.ControlledBy(anomalies);
    }
}

internal sealed record NewsBlock(NewsOptions Options) : IBlockOptions
{
    public string State => "the newest message";

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of(DeviceNews.Json), MessageCodec.Of(WindowAnswer.Json), MessageCodec.Of(Alert.Json),
        MessageCodec.Of(AnomalyAlert.Json),
    ];

    public bool Equals(NewsBlock? other) => other is not null && Options.Every == other.Options.Every && Options.Unit == other.Options.Unit;

    public override int GetHashCode() => HashCode.Combine(Options.Every, Options.Unit);

    public override string ToString() => FormattableString.Invariant($"every {Options.Every.TotalSeconds} s");
}

internal sealed class KeepNews(NewsBlock block, OperatorContext context, IOutput<DeviceNews> output)
    : Operator<WindowAnswer>, IControlledBy<Batch>, IControlledBy<Alert>, IControlledBy<AnomalyAlert>, IStateful
{
    private DeviceNews _news = new(context.Pipeline) { Unit = block.Options.Unit };
    private DateTimeOffset? _due;
    private bool _isNew;

    public string StateFormat => "news/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _news, DeviceNews.Json);
        s.ClockTime(ref _due);
        s.Value(ref _isNew);
    }

    public override void Process(WindowAnswer input)
    {
        _news = _news with
        {
            Time = input.Time,
            Class = input.Class,
            Confidence = input.Value is null ? input.Confidence : null,
            Value = input.Value,
            Since = input.Value is null && input.Class == _news.Class ? _news.Since : input.Time,
        };
        Tell();
    }

    public void Control(Batch message)
    {
        message.Dispose();
        Tell();
    }

    public void Control(Alert message) => _news = _news with { Alert = message.Answer.Class, AlertAt = message.Answer.Time };

    public void Control(AnomalyAlert message) => _news = _news with
    {
        Alert = $"{message.Channel} {(message.IsOver ? "usual again" : "unusual")}".TrimStart(),
        AlertAt = message.IsOver ? message.Time : message.Since,
    };

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
        _news = _news with { Waiting = block.Options.Waiting?.Invoke(), Where = block.Options.Where?.Invoke() ?? "" };
        output.Emit(_news);
        LookAgain();
    }

    /// <summary>A label can come when no window does.</summary>
    private void LookAgain()
    {
        if (_news.Waiting > 0) { context.WakeAt(context.Now + block.Options.Every); }
    }
}
