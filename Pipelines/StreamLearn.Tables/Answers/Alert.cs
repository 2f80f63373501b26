using System.Text.Json;

namespace StreamLearn.Tables;

/// <summary>An alert: consecutive windows were confident of a class. Immutable.</summary>
internal sealed record Alert(string Id, WindowAnswer Answer, DateTimeOffset Since, int Windows) : ISized
{
    /// <summary>Alerts as UTF-8 JSON objects: <c>{"id":"pump-7/worn/2026-03-01T12:00:02.5400000Z","device":"pump-7","class":"worn",
    /// "confidence":0.93,"since":"2026-03-01T11:59:58.2000000Z","time":"2026-03-01T12:00:02.5400000Z","windows":3,"exit":1,
    /// "version":12}</c>.</summary>
    public static ICodec<Alert> Json { get; } = new JsonCodec<Alert>("alert/1", Write, Read);

    public long SizeBytes => 192;

    private static void Write(Utf8JsonWriter json, Alert alert)
    {
        json.WriteString("id", alert.Id);
        json.WriteString("device", alert.Answer.Device);
        json.WriteString("class", alert.Answer.Class);
        json.WriteNumber("confidence", alert.Answer.Confidence);
        json.WriteString("since", alert.Since.UtcDateTime);
        json.WriteString("time", alert.Answer.Time.UtcDateTime);
        json.WriteNumber("windows", alert.Windows);
        json.WriteNumber("exit", alert.Answer.Exit);
        json.WriteNumber("version", alert.Answer.Version);
    }

    private static Alert Read(JsonElement json) => new(json.GetProperty("id").GetString() ?? "",
        new(json.GetProperty("device").GetString() ?? "", json.GetProperty("time").GetDateTimeOffset(),
            json.GetProperty("class").GetString() ?? "", json.GetProperty("confidence").GetSingle(), json.GetProperty("exit").GetInt32(),
            json.GetProperty("version").GetInt64()),
        json.GetProperty("since").GetDateTimeOffset(), json.GetProperty("windows").GetInt32());
}

internal static class AlertExtensions
{
    /// <summary>Emits an alert after enough consecutive confident answers, and not again before the rule's interval.
    /// <paramref name="number"/>: the rule's index on the device.</summary>
    internal static Flow<Alert> Alert(this Flow<WindowAnswer> answers, AlertRule rule, int number) => answers.Via(
        FormattableString.Invariant($"alert {number}"), new AlertBlock(rule.Class, rule.Confidence, rule.Windows, rule.Again),
        static (AlertBlock block, OperatorContext context, IOutput<Alert> output) => new RaiseAlerts(block, output));
}

internal sealed record AlertBlock(string Class, float Confidence, int Windows, TimeSpan Again) : IBlockOptions
{
    public string State => "windows so far, the last alert";

    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(WindowAnswer.Json), MessageCodec.Of(Tables.Alert.Json)];

    public override string ToString() => FormattableString.Invariant($"{Class}, {Confidence:0.##} in {Windows} windows");
}

internal sealed class RaiseAlerts(AlertBlock block, IOutput<Alert> output) : Operator<WindowAnswer>, IStateful
{
    private long _since;        // ticks of the first counted window
    private long _last = long.MinValue;         // ticks of the last alert
    private int _windows;

    public string StateFormat => "alerts/1";

    public override void Process(WindowAnswer input)
    {
        if (input.Class != block.Class || !(input.Confidence >= block.Confidence))
        {
            _windows = 0;
            return;
        }

        var now = input.Time.UtcTicks;
        if (_windows++ == 0) { _since = now; }
        if (_windows < block.Windows || (_last != long.MinValue && now - _last < block.Again.Ticks && now >= _last)) { return; }
        _last = now;
        output.Emit(new($"{input.Device}/{input.Class}/{input.Time.UtcDateTime:O}", input,
            new(_since, TimeSpan.Zero), _windows));
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _since);
        s.Value(ref _last);
        s.Value(ref _windows);
    }
}
