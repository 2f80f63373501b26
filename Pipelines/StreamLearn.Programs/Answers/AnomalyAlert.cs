using System.Collections.Immutable;
using System.Text.Json;
using StreamLearn.Learning;
using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>An episode of unusual rows has begun, or is over. Immutable.</summary>
/// <param name="Id">The identity of the episode: its begin and its end have the same.</param>
/// <param name="Device">Whose rows they are.</param>
/// <param name="Since">The time of the first alert.</param>
/// <param name="Time">The time of the last one so far.</param>
/// <param name="Score">The highest score, in the unit of the rule.</param>
/// <param name="Channel">The column that stood out most there; empty: the rule cannot tell.</param>
/// <param name="Alerts">Rows that were alerts.</param>
/// <param name="IsOver">True: it is over.</param>
public sealed record AnomalyAlert(
    string Id, string Device, DateTimeOffset Since, DateTimeOffset Time, float Score, string Channel, long Alerts, bool IsOver) : ISized
{
    /// <summary>As JSON objects in UTF-8: <c>{"id":"pump-7/2026-03-01T12:00:02.5400000Z","device":"pump-7",
    /// "since":"2026-03-01T12:00:02.54Z","time":"2026-03-01T12:00:04.54Z","score":41.7,"channel":"vibration","alerts":3,
    /// "over":false}</c>.</summary>
    public static ICodec<AnomalyAlert> Json { get; } = new JsonCodec<AnomalyAlert>("anomaly-alert/1", Write, Read);

    /// <inheritdoc />
    public long SizeBytes => 192;

    /// <summary>The alert of an episode.</summary>
    /// <param name="device">Whose rows they are.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="channels">Names of the watched columns.</param>
    /// <param name="isOver">True: it is over.</param>
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

/// <summary>What a device watches its rows by, without labels.</summary>
/// <param name="Rule">How an unusual row is told.</param>
/// <param name="Options">Columns, rows to learn from and the rate of false alarms.</param>
public sealed record AnomalyWatch(AnomalyRule Rule, AnomalyOptions Options)
{
    /// <summary>Alerts close to each other that make an episode, at least 1; default 3.</summary>
    public int MinAlerts { get; init; } = UsualAlerts;

    /// <summary>Rows without an alert that end an episode, at least 1; default 60.</summary>
    public int QuietRows { get; init; } = UsualQuiet;

    private const double BeyondToBeSure = 10;

    /// <summary>True: it tells the fleet what its first rows are like, over <see cref="FleetTopics.Moments"/>, so that a device whose rows
    /// differ from those of the others can be named (<see cref="FleetComparison"/>). Default false.</summary>
    public bool Compares { get; init; }

    /// <summary>Where its begin and its end go; null, the default: nowhere.</summary>
    public AnswerTarget? Target { get; init; }

    /// <summary>Default of <see cref="MinAlerts"/>.</summary>
    public const int UsualAlerts = 3;

    /// <summary>Default of <see cref="QuietRows"/>.</summary>
    public const int UsualQuiet = 60;

    /// <summary>The share of usual rows that programs let be alerts unless told otherwise: of rows that come each second, one in three
    /// hours.</summary>
    public const double UsualRate = 1e-4;

    /// <summary>The share of usual rows that programs let be alerts of a rule unless told otherwise: <see cref="UsualRate"/>, and of
    /// trees, whose scores are bounded, 0.001.</summary>
    /// <param name="rule">The rule.</param>
    public static double UsualRateOf(AnomalyRule rule) => rule is HalfSpaceTrees ? 1e-3 : UsualRate;

    /// <summary>The rules that have a name, with their defaults; <c>ewma</c> has a limit of 4 deviations, as an episode needs several
    /// alerts of the same fault.</summary>
    public static ImmutableArray<(string Name, AnomalyRule Rule)> Rules { get; } =
    [
        ("t2", new HotellingT2()), ("ewma", new EwmaZScore { Limit = 4 }), ("window", new WindowZScore()), ("trees", new HalfSpaceTrees()),
        ("centers", new CenterDistance()), ("profile", new MatrixProfile()),
    ];

    /// <summary>Rows that a rule learns from at least.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="channels">Columns that are watched, at least 1.</param>
    /// <param name="hasThreshold">True: the threshold is given, and none of them sets it.</param>
    public static int MinLearnRows(AnomalyRule rule, int channels, bool hasThreshold)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Math.Max(40, (hasThreshold ? 1 : 2) * rule.MinRows(channels));
    }

    /// <summary>Rows to learn from until ten scores of the half that sets the threshold lie beyond it. With fewer it is a guess beyond
    /// what was seen. Null: as many are learned from, or the threshold is given.</summary>
    /// <param name="options">Rows to learn from and the rate of false alarms.</param>
    public static long? RowsToBeSure(AnomalyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rows = 2 * (long)Math.Ceiling(BeyondToBeSure / options.FalseAlarmRate);
        return options.Threshold is not null || options.LearnRows >= rows ? null : rows;
    }
}

/// <summary>Episodes of a device.</summary>
internal static class AnomalyEpisodeExtensions
{
    /// <summary>Emits the begin and the end of each episode of rows that <c>DetectAnomalies</c> has judged, with a channel.</summary>
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

/// <summary>Joins alerts to episodes. What begins or ends beyond 256 times in a batch is dropped as <c>crowded</c>.</summary>
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

    /// <summary>The watched columns: those that are named, or all of float32 before the score.</summary>
    private ImmutableArray<string> Names(Schema schema) => !block.Columns.IsDefaultOrEmpty ? block.Columns
        : [.. schema.Fields.Where(static f => f.Type == ColumnType.Float32).Select(static f => f.Name)];
}
