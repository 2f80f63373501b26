using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Null <paramref name="Url"/>: the fleet's server.</summary>
internal sealed record PlaceConfig(string Topic, Uri? Url, FileInfo? Login);

internal sealed record AlertConfig(string Class, double Confidence, int Windows, TimeSpan Again, PlaceConfig To);

internal sealed record AnswersConfig(
    PlaceConfig? To, LoadedModel? Pinned, double? Leave, double Work, ImmutableArray<AlertConfig> Alerts)
{
    private const int MaxAlerts = 100;
    private const double MinBound = 0.5, MaxBound = 0.999;

    private static readonly TimeSpan UsualWithin = TimeSpan.FromMilliseconds(200);

    /// <summary>Shared answering; null: the device answers alone.</summary>
    internal AcrossConfig? Across { get; private init; }

    /// <summary>The early exits; null: unspecified.</summary>
    internal ExitsConfig? Exits { get; private init; }

    /// <summary>The promised bound; null: no promise.</summary>
    internal AnswerBound? Bound { get; private init; }

    internal bool IsInt8 { get; private init; }

    internal string? PrecisionText => !IsInt8 ? null : Pinned?.Model is Int8Network ? "answers use the file's int8 model"
        : FormattableString.Invariant($"answers are in int8 after the first {PrecisionKeys.Windows} windows, which set the ranges");

    /// <summary>The promise, or why none; null: not requested.</summary>
    internal string? ExitsText => Exits?.Text(Pinned);

    internal string? BoundText => Bound is not { } bound ? null : FormattableString.Invariant(
        $"the possible classes contain the right one for {bound.Coverage:P0} of the windows of other devices, measured on ")
            + FormattableString.Invariant($"{bound.Scores.Groups} ")
        + "devices with the file's model; labels adjust it";

    internal IEnumerable<PlaceConfig> Places => (To is null ? [] : new[] { To }).Concat(Alerts.Select(static a => a.To));

    /// <summary>Reads <c>answer</c> and <c>alerts</c>; null: neither.</summary>
    internal static AnswersConfig? Read(ConfigMap map, ModelConfig model)
    {
        var alerts = map["alerts"].List(e => e.Map(m => AlertOf(m, model)).Required(), 0, MaxAlerts).Or([]);
        if (!alerts.IsEmpty && model.Target is not null) { map["alerts"].Refuse("expected none with a target: alerts are for classes"); }
        if (map["answer"].IsAbsent && alerts.IsEmpty)
        {
            if (model.IsInt8 is true) { map["model"].Refuse("expected 'answer' or 'alerts' with 'precision': learning is in float32"); }
            return null;
        }

        if (map["answer"].IsAbsent)
        {
            PrecisionKeys.Check(map, model, answer: null, pinned: null, isAcross: false);
            return new(null, null, null, 1, alerts) { IsInt8 = model.IsInt8 is true };
        }

        return map.Section("answer", m =>
        {
            var pinned = PinnedOf(m["model"], model);
            var across = AcrossOf(m);
            PrecisionKeys.Check(map, model, m, pinned, across is not null);
            return new AnswersConfig(PlaceOf(m), pinned, m["leave"].Number(1e-6, 1).OrNull(), m["work"].Number(0.01, 1).Or(1), alerts)
            {
                Across = across,
                IsInt8 = PrecisionKeys.IsInt8(model, pinned),
                Bound = BoundOf(m, across is not null, pinned, model),
                Exits = ExitsConfig.Read(m),
            };
        });
    }

    private static AcrossConfig? AcrossOf(ConfigMap map)
    {
        var (where, within) = (map["where"].Word("here", "auto", "edge").Or("here"),
            map["within"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)));
        if (where == "here")
        {
            if (within.IsGiven)
            {
                map["within"].Refuse("expected 'where: auto' or 'where: edge' too: devices on their own answer at once");
            }

            return null;
        }

        foreach (var key in new[] { "model", "work", "exits" })
        {
            if (!map[key].IsAbsent)
            {
                map[key].Refuse($"expected no '{key}' if the aggregator answers too: both sides run the fleet's newest version");
            }
        }

        return new(within.Or(UsualWithin), where == "edge");
    }

    /// <summary>Scores apply to the whole model only.</summary>
    private static AnswerBound? BoundOf(ConfigMap map, bool isAcross, LoadedModel? pinned, ModelConfig model)
    {
        if (map["bound"].Number(MinBound, MaxBound).OrNull() is not { } coverage) { return null; }
        foreach (var key in new[] { "leave", "work", "exits" })
        {
            if (map[key].IsAbsent) { continue; }
            map[key].Refuse($"expected no '{key}' with 'bound': its scores are for answers of the whole model");
        }

        if (isAcross) { map["where"].Refuse("expected no 'where' with 'bound': a device answers by itself"); }
        var (path, scores) = map["model"].IsAbsent ? (model.Path, model.Scores)
            : (map["model"].Text().OrNull(), pinned is null ? null : ConformalCard.Of(pinned.Card));
        if (scores is not null) { return new(coverage, scores); }
        map["bound"].Refuse(path is null ? "expected 'model: FILE' too, or model.file: a file from 'streamlearn fit --bound'"
            : $"{path} has no scores for a bound: 'streamlearn fit --bound' measures them, with "
                + FormattableString.Invariant($"{ConformalScores.MinGroups} devices or more"));
        return null;
    }

    /// <summary><paramref name="open"/>: true for alerts, which are persisted.</summary>
    internal AnswerOptions Options(ModelConfig model, Func<PlaceConfig, bool, ITransport> open)
    {
        var network = Pinned?.Model as Network ?? model.Create();
        return new(model.Labels)
        {
            Pinned = Pinned?.Weights,
            Model = Pinned?.Model,
            Int8 = IsInt8 && Pinned?.Model is not Int8Network ? new() { CalibrationRows = PrecisionKeys.Windows } : null,
            Leaving = Bound is not null || IsInt8 ? null : Leave is { } sure ? ExitRule.WhenConfident(network.ExitCount, (float)sure)
                : Exits is null ? Pinned?.Card.ExitRule : Exits.Rule(Pinned),
            Adaptive = Exits?.Adaptive,
            Work = Work,
            Bound = Bound,
            Answers = To is { } to ? new(open(to, false), to.Topic) : null,
            Alerts = [.. Alerts.Select(a =>
                new AlertRule(a.Class, (float)a.Confidence, a.Windows, a.Again, new(open(a.To, true), a.To.Topic)))],
        };
    }

    internal AcrossOptions? AcrossOptions(ModelConfig model, long epoch, bool hasBytes) => Across is not { } across ? null : new()
    {
        Within = across.Within,
        Cut = across.IsEdge ? 1 : null,
        Leaving = Leave is { } leave ? ExitRule.WhenConfident(model.Create().ExitCount, (float)leave) : null,
        InOrder = true,         // alerts count consecutive windows
        BytesPerValue = hasBytes ? 1 : 4,
        Epoch = epoch,
    };

    private static AlertConfig AlertOf(ConfigMap map, ModelConfig model) => new(
        model.Labels.IsEmpty ? map["class"].Text().Required() : map["class"].Word(model.Labels).Required(),
        map["confidence"].Number(0, 1).Or(0.8), (int)map["windows"].Whole(1, 1_000_000).Or(3),
        map["again"].Duration(TimeSpan.Zero, TimeSpan.FromDays(365)).Or(TimeSpan.FromMinutes(10)), PlaceOf(map));

    internal static PlaceConfig PlaceOf(ConfigMap map)
    {
        var topic = map["topic"].Text().Required();
        if (topic.Length > 0)
        {
            try
            {
                _ = topic.Contains('{', StringComparison.Ordinal) ? new TopicTemplate(topic).Of("device") : new Topic(topic);
                if (new Topic(topic.Replace("{device}", "device", StringComparison.Ordinal)).IsFilter || Envelope.IsOn(topic))
                {
                    map["topic"].Refuse($"expected a topic without wildcards that does not begin with sl/, got '{topic}'");
                }
                else if (topic.Contains('{', StringComparison.Ordinal) && new TopicTemplate(topic).Level != "device")
                {
                    map["topic"].Refuse($"expected {{device}} for the name of the device, got '{topic}'");
                }
            }
            catch (ArgumentException e)
            {
                map["topic"].Refuse(e.Message.ReplaceLineEndings(" "));
            }
        }

        return new(topic, map["url"].IsAbsent ? null : LinkConfig.UrlOf(map["url"], [.. EdgeServer.Schemes]),
            map["login"].SecretFile().OrNull() is { } login ? new(login.Path) : null);
    }

    /// <summary>Must have the same preparation of rows.</summary>
    private static LoadedModel? PinnedOf(ConfigEntry entry, ModelConfig model)
    {
        if (entry.Text().OrNull() is not { } text) { return null; }
        var path = entry.PathOf(text);
        try
        {
            var loaded = CompressedValues.Load(path);
            var input = model.Preparation?.Input;
            if (loaded.Model is not (Network or Int8Network) || loaded.Model.Plan is not { } plan
                || plan.Classes != model.Classes || plan.Input != input)
            {
                entry.Refuse(FormattableString.Invariant($"expected a network of {input} and {model.Classes} classes, ")
                    + $"{path} has {loaded.Model.Structure}");
                return null;
            }

            if (!loaded.Card.Labels.IsEmpty && !model.Labels.IsEmpty && !loaded.Card.Labels.SequenceEqual(model.Labels))
            {
                entry.Refuse($"expected the classes {string.Join(", ", model.Labels)}, {path} has {string.Join(", ", loaded.Card.Labels)}");
            }

            if (Preparation.Of(loaded.Card) is { } told && model.Preparation is { } own
                && (!told.Channels.SequenceEqual(own.Channels) || told.WindowRows != own.WindowRows || told.Kind != own.Kind
                    || (told.RowsPerSecond is { } rate && own.RowsPerSecond is { } mine && rate != mine)))
            {
                entry.Refuse($"expected a model of {own}, {path} has one of {told}"
                    + (told.RowsPerSecond == own.RowsPerSecond ? "" : FormattableString.Invariant(
                        $": if rows have this rate, write model: {{ rate: {told.RowsPerSecond}/s }}")));
            }

            return loaded;
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            entry.Refuse($"{path}: {e.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }
}
