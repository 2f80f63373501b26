using System.Text.Json;

namespace StreamLearn.Tables;

/// <summary>The start or end of an episode of unusual rows, which both have its id. An empty channel is unknown.</summary>
internal sealed record AnomalyAlert(
    string Id, string Device, DateTimeOffset Since, DateTimeOffset Time, float Score, string Channel, long Alerts, bool IsOver) : ISized
{
    /// <summary>UTF-8 JSON objects: <c>{"id":"pump-7/2026-03-01T12:00:02.5400000Z","device":"pump-7",
    /// "since":"2026-03-01T12:00:02.54Z","time":"2026-03-01T12:00:04.54Z","score":41.7,"channel":"vibration","alerts":3,
    /// "over":false}</c>.</summary>
    public static ICodec<AnomalyAlert> Json { get; } = new JsonCodec<AnomalyAlert>("anomaly-alert/1", Write, Read);

    public long SizeBytes => 192;

    public static AnomalyAlert Of(string device, in AnomalyEpisode episode, ImmutableArray<string> channels, bool isOver)
    {
        var since = TimeOf(episode.First);
        var channel = episode.Channel >= 0 && episode.Channel < channels.Length ? channels[episode.Channel] : "";
        return new($"{device}/{since.UtcDateTime:O}", device, since, TimeOf(episode.Last), episode.Score, channel, episode.Alerts, isOver);
    }

    private static DateTimeOffset TimeOf(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    private static void Write(Utf8JsonWriter json, AnomalyAlert alert)
    {
        json.WriteString("id", alert.Id);
        json.WriteString("device", alert.Device);
        json.WriteString("since", alert.Since.UtcDateTime);
        json.WriteString("time", alert.Time.UtcDateTime);
        json.WriteNumber("score", alert.Score);
        json.WriteString("channel", alert.Channel);
        json.WriteNumber("alerts", alert.Alerts);
        json.WriteBoolean("over", alert.IsOver);
    }

    private static AnomalyAlert Read(JsonElement json) => new(json.GetProperty("id").GetString() ?? "",
        json.GetProperty("device").GetString() ?? "", json.GetProperty("since").GetDateTimeOffset(),
        json.GetProperty("time").GetDateTimeOffset(), json.GetProperty("score").GetSingle(), json.GetProperty("channel").GetString() ?? "",
        json.GetProperty("alerts").GetInt64(), json.GetProperty("over").GetBoolean());
}

/// <summary>Anomaly detection of a device, without labels.</summary>
internal sealed record AnomalyWatch(AnomalyRule Rule, AnomalyOptions Options)
{
    /// <summary>Nearby alerts that make an episode, at least 1; default 3.</summary>
    public int MinAlerts { get; init; } = UsualAlerts;

    /// <summary>Rows without an alert that end an episode, at least 1; default 60.</summary>
    public int QuietRows { get; init; } = UsualQuiet;

    private const double BeyondToBeSure = 10;

    /// <summary>True if a sensor publishes moments of its first rows, by which the fleet finds unusual devices. Default false.</summary>
    public bool Compares { get; init; }

    /// <summary>Target of episode starts and ends; default null: none.</summary>
    public AnswerTarget? Target { get; init; }

    public const int UsualAlerts = 3;

    public const int UsualQuiet = 60;

    /// <summary>The programs' default false-alarm rate: one in three hours at one row per second.</summary>
    public const double UsualRate = 1e-4;

    /// <summary>Returns the default false-alarm rate of a rule: <see cref="UsualRate"/>, or 0.001 for trees, whose scores are
    /// bounded.</summary>
    public static double UsualRateOf(AnomalyRule rule) => rule is HalfSpaceTrees ? 1e-3 : UsualRate;

    /// <summary>The named rules with their defaults; <c>ewma</c> has a limit of 4 deviations, since an episode needs several
    /// alerts.</summary>
    public static ImmutableArray<(string Name, AnomalyRule Rule)> Rules { get; } =
    [
        ("t2", AnomalyRule.HotellingT2()), ("ewma", AnomalyRule.EwmaZScore(limit: 4)), ("window", AnomalyRule.WindowZScore()),
        ("trees", new HalfSpaceTrees()), ("centers", AnomalyRule.CenterDistance()), ("profile", AnomalyRule.MatrixProfile()),
    ];

    /// <summary>Returns the minimum training rows of a rule.</summary>
    public static int MinLearnRows(AnomalyRule rule, int channels, bool hasThreshold)
    {
        return Math.Max(40, (hasThreshold ? 1 : 2) * rule.MinRows(channels));
    }

    /// <summary>Returns how many training rows give ten scores beyond the threshold in the half that sets it; with fewer, the threshold is
    /// extrapolated. Null if there are enough, or the threshold is given.</summary>
    public static long? RowsToBeSure(AnomalyOptions options)
    {
        var rows = 2 * (long)Math.Ceiling(BeyondToBeSure / options.FalseAlarmRate);
        return options.Threshold is not null || options.LearnRows >= rows ? null : rows;
    }
}

internal static class AnomalyEpisodeExtensions
{
    /// <summary>The input is rows with a channel, scored by <c>DetectAnomalies</c>.</summary>
    internal static Flow<AnomalyAlert> Episodes(this Flow<Batch> judged, string device, AnomalyWatch watch) => judged.Via(
        "episodes", new EpisodesBlock(device, watch.Options.Columns, watch.MinAlerts, watch.QuietRows),
        static (EpisodesBlock block, OperatorContext context, IOutput<AnomalyAlert> output) => new JoinAlerts(block, context, output));
}

internal sealed record EpisodesBlock(string Device, ImmutableArray<string> Columns, int MinAlerts, int QuietRows) : IBlockOptions
{
    internal const int MaxPerBatch = 256;

    public int MaxOutputsPerCall => MaxPerBatch;

    public string State => "the episode so far";

    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(AnomalyAlert.Json)];

    public override string ToString() => FormattableString.Invariant($"{MinAlerts} alerts, ended by {QuietRows} rows without");
}

/// <summary>Emits at most 256 changes per batch; further ones are dropped as <c>crowded</c>.</summary>
internal sealed class JoinAlerts(EpisodesBlock block, OperatorContext context, IOutput<AnomalyAlert> output) : Operator<Batch>, IStateful
{
    private readonly AnomalyEpisodes _episodes = new(block.MinAlerts, block.QuietRows);

    public string StateFormat => "episodes/1";

    public override void Process(Batch input)
    {
        using (input)
        {
            var times = input[Schema.TimeColumn].Values<long>();
            var scores = input["score"].Values<float>();
            var alerts = input["alert"].Values<int>();
            var channels = input["channel"].Values<int>();
            var emitted = 0;
            for (var row = 0; row < times.Length; row++)
            {
                var change = _episodes.Add(times[row], scores[row], alerts[row] == 1, channels[row]);
                if (change == EpisodeChange.None) { continue; }
                if (change == EpisodeChange.Begun) { context.Record("episodes"); }
                var alert = AnomalyAlert.Of(block.Device, _episodes.Current, Names(input.Schema), change == EpisodeChange.Ended);
                if (emitted++ < EpisodesBlock.MaxPerBatch) { output.Emit(alert); }
                else { context.Drop(alert, "crowded"); }
            }
        }
    }

    public void State(ref StateStream s) => _episodes.State(ref s);

    private ImmutableArray<string> Names(Schema schema) => !block.Columns.IsDefaultOrEmpty ? block.Columns
        : [.. schema.Fields.Where(static f => f.Type == ColumnType.Float32).Select(static f => f.Name)];
}
