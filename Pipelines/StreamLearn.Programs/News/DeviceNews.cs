using System.Text.Json;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>What a device tells its owner: its answer now, its last alert, and how many windows wait for a label. Times are those of its
/// rows.</summary>
/// <remarks>It is a message of its own, because an older aggregator refuses a presence with a part that it does not know.</remarks>
internal sealed record DeviceNews(string Device) : ISized, IReplaceable, ISentOnTopic<DeviceNews>
{
    /// <summary>Greatest payload that an aggregator reads.</summary>
    public const int MaxBytes = 4 << 10;

    private const int MaxText = 64;
    private const int MaxNameBytes = 256;

    /// <summary>The newest row; null: none yet.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The class of the newest window; empty: none, or a value.</summary>
    public string Class { get; init => field = Cut(value); } = "";

    /// <summary>Confidence in the class, 0 to 1; null: unknown.</summary>
    public float? Confidence { get; init => field = Finite(value) is { } share ? Math.Clamp(share, 0, 1) : null; }

    public float? Value { get; init => field = Finite(value); }

    /// <summary>The unit of the value; empty: none.</summary>
    public string Unit { get; init => field = Cut(value); } = "";

    /// <summary>When the class began; null: unknown.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last alert; empty: none.</summary>
    public string Alert { get; init => field = Cut(value); } = "";

    public DateTimeOffset? AlertAt { get; init; }

    /// <summary>Where its layers run, and why; empty: on the device.</summary>
    public string Where { get; init => field = PrintableText.Of(value, 2 * MaxText); } = "";

    /// <summary>Windows that wait for a label; null: labels are in the rows.</summary>
    public long? Waiting { get; init; }

    /// <summary>A JSON object, in which all but the device may be absent and unknown members are ignored:
    /// <c>{"device":"pump-7","time":"2026-03-01T12:00:02Z","class":"worn","confidence":0.93,"since":"2026-03-01T11:58:00Z",
    /// "alert":"worn","alertAt":"2026-03-01T11:58:06Z","waiting":12}</c>.</summary>
    public static ICodec<DeviceNews> Json { get; } = new JsonCodec<DeviceNews>("news/1", Write, Read);

    public string ReplacementKey => Device;

    public long SizeBytes => 256;

    /// <summary>Without a name if the topic is another device's.</summary>
    public DeviceNews SentBy(string sender) => sender == Device ? this : this with { Device = "" };

    private static string Cut(string text) => PrintableText.Of(text, MaxText);

    private static float? Finite(float? number) => number is { } real && float.IsFinite(real) ? real : null;

    private static void Write(Utf8JsonWriter json, DeviceNews news)
    {
        json.WriteString("device", news.Device);
        WriteTime("time", news.Time);
        WriteText("class", news.Class);
        if (news.Confidence is { } confidence) { json.WriteNumber("confidence", confidence); }
        if (news.Value is { } value) { json.WriteNumber("value", value); }
        WriteText("unit", news.Unit);
        WriteTime("since", news.Since);
        WriteText("alert", news.Alert);
        WriteTime("alertAt", news.AlertAt);
        WriteText("where", news.Where);
        if (news.Waiting is { } waiting) { json.WriteNumber("waiting", waiting); }

        void WriteText(string name, string text)
        {
            if (text.Length > 0) { json.WriteString(name, text); }
        }

        void WriteTime(string name, DateTimeOffset? time)
        {
            if (time is { } at) { json.WriteString(name, at.UtcDateTime); }
        }
    }

    private static DeviceNews Read(JsonElement json)
    {
        var news = new DeviceNews(Text("device"))
        {
            Time = Time("time"),
            Class = Text("class"),
            Confidence = Number("confidence"),
            Value = Number("value"),
            Unit = Text("unit"),
            Since = Time("since"),
            Alert = Text("alert"),
            AlertAt = Time("alertAt"),
            Where = Text("where"),
            Waiting = json.TryGetProperty("waiting", out var waiting) ? waiting.GetInt64() : null,
        };
        return Encoding.UTF8.GetByteCount(news.Device) is > 0 and <= MaxNameBytes && news.Waiting is not < 0
            ? news : throw new FormatException("expected a device, and no windows or more");

        string Text(string name) => json.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";
        DateTimeOffset? Time(string name) => json.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;
        float? Number(string name) => json.TryGetProperty(name, out var number) ? number.GetSingle() : null;
    }
}
