using System.Collections.Immutable;
using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Tables;

namespace Sensor;

/// <summary><paramref name="Url"/>: null for the fleet's server.</summary>
internal sealed record PlaceConfig(string Topic, Uri? Url, FileInfo? Login);

internal sealed record AlertConfig(string Class, double Confidence, int Windows, TimeSpan Again, PlaceConfig To);

internal sealed record AnswersConfig(
    PlaceConfig? To, LoadedModel? Pinned, double? Leave, double Work, ImmutableArray<AlertConfig> Alerts)
{
    private const int MaxAlerts = 100;
    private const char Brace = '{';
    private const double MinBound = 0.5, MaxBound = 0.999;

    internal AcrossConfig? Across { get; private init; }

    internal PartsConfig? Parts { get; private init; }

    internal ExitsConfig? Exits { get; private init; }

    internal AnswerBound? Bound { get; private init; }

    internal bool IsInt8 { get; private init; }

    internal string? PrecisionText => !IsInt8 ? null : Pinned?.Model is Int8Network ? "answers use the file's int8 model"
        : FormattableString.Invariant($"answers are in int8 after the first {PrecisionKeys.Windows} windows, which set the ranges");

    internal string? ExitsText => Exits?.Text(Pinned);

    internal string? BoundText => Bound is not { } bound ? null : FormattableString.Invariant(
        $"the possible classes contain the right one for {bound.Coverage:P0} of the windows of other devices, measured on ")
            + FormattableString.Invariant($"{bound.Scores.Groups} ")
        + "devices with the file's model; labels adjust it";

    internal IEnumerable<PlaceConfig> Places => (To is null ? [] : new[] { To }).Concat(Alerts.Select(static a => a.To));

    internal static AnswersConfig? Read(ConfigMap map, ModelConfig model)
    {
        var alerts = map["alerts", "answers that are alerts"].List(e => e.Map(m => AlertOf(m, model)).Required(), 0, MaxAlerts).Or([]);
        if (!alerts.IsEmpty && model.Target is not null) { map["alerts"].Refuse("expected none with a target: alerts are for classes"); }
        var answer = map["answer", "answers windows while learning"];
        if (answer.IsLeftOut && alerts.IsEmpty)
        {
            if (model.IsInt8 is true) { map["model"].Refuse("expected 'answer' or 'alerts' with 'precision': learning is in float32"); }
            return null;
        }

        var answers = answer.Optional(m => Read(map, m, model, alerts));
        if (answers is not null) { return answers; }
        PrecisionKeys.Check(map, model, answer: null, pinned: null, isAcross: false);
        return new(null, null, null, 1, alerts) { IsInt8 = model.IsInt8 is true };
    }

    private static AnswersConfig Read(ConfigMap map, ConfigMap answer, ModelConfig model, ImmutableArray<AlertConfig> alerts)
    {
        var pinned = PinnedOf(answer["model", "fixed version, with its exits; none: the newest"].As("file"), model);
        var (across, parts) = AcrossConfig.Read(answer, model);
        PrecisionKeys.Check(map, model, answer, pinned, across is not null || parts is not null);
        var to = PlaceOf(answer, answer["topic", "destination; `{device}`: its name. Not below `sl/`"]);
        var leave = answer["leave", "confidence to leave at an exit"].Number(1e-6, 1).OrNull();
        var work = answer["work", "mean cost, as a share of a whole pass; once spent, windows leave earlier"].Number(0.01, 1).Or(1);
        return new(to, pinned, leave, work, alerts)
        {
            Across = across,
            Parts = parts,
            IsInt8 = PrecisionKeys.IsInt8(model, pinned),
            Bound = BoundOf(answer, across is not null || parts is not null, pinned, model),
            Exits = ExitsConfig.Read(answer),
        };
    }

    /// <summary>Scores apply to the whole model only.</summary>
    private static AnswerBound? BoundOf(ConfigMap map, bool isAcross, LoadedModel? pinned, ModelConfig model)
    {
        var bound = map["bound", "lists classes that include the right one for this share of windows"].Number(MinBound, MaxBound);
        if (bound.OrNull() is not { } coverage) { return null; }
        map.RefuseGiven(["leave", "work", "exits"],
            static key => $"expected no '{key}' with 'bound': its scores are for answers of the whole model");
        if (isAcross) { map["where"].Refuse("expected no 'where' with 'bound': inference runs on the device only"); }
        var (path, scores) = map["model"].IsAbsent ? (model.Path, model.Scores)
            : (map["model"].Text().OrNull(), pinned is null ? null : ConformalCard.Of(pinned.Card));
        if (scores?.Groups >= ConformalScores.GroupsFor(coverage)) { return new(coverage, scores); }
        map["bound"].Refuse(path is null ? "expected 'model: FILE' here, or 'file' under model, that 'streamlearn fit --bound' wrote"
            : $"{path} has {FitNotes.Scored(scores)} for a bound: 'streamlearn fit --bound' measures them, with "
                + FormattableString.Invariant($"{ConformalScores.GroupsFor(coverage)} devices or more"));
        return null;
    }

    /// <summary><paramref name="open"/>: its argument is true for alerts, which are persisted.</summary>
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
        Rule = across.Rule(model),
        Leaving = Leave is { } leave ? ExitRule.WhenConfident(model.Create().ExitCount, (float)leave) : null,
        InOrder = true,         // alerts count consecutive windows
        BytesPerValue = hasBytes ? 1 : 4,
        Epoch = epoch,
    };

    private static AlertConfig AlertOf(ConfigMap map, ModelConfig model)
    {
        var name = map["class", "class"].As("one of the label's");
        return new(model.Labels.IsEmpty ? name.Text().Required() : name.Word(model.Labels).Required(),
            map["confidence", "least confidence of each answer"].Number(0, 1).Or(0.8),
            (int)map["windows", "consecutive answers"].Whole(1, 1_000_000).Or(3),
            map["again", "least row time between alerts of this item"].Duration(TimeSpan.Zero, TimeSpan.FromDays(365))
                .Or(TimeSpan.FromMinutes(10)),
            PlaceOf(map, map["topic", "destination; `{device}`: its name. Not below `sl/`"]));
    }

    internal static PlaceConfig PlaceOf(ConfigMap map, ConfigEntry entry)
    {
        var topic = entry.As("topic").Text().Required();
        if (topic.Length > 0 && Wrong(topic) is { } wrong) { entry.Refuse(wrong); }
        var url = map["url", "server"].As(fallback: "`link`'s");
        return new(topic, url.IsLeftOut ? null : LinkConfig.UrlOf(url, [.. EdgeServer.Schemes]),
            LinkConfig.LoginOf(map, "`link`'s, same server"));
    }

    private static string? Wrong(string topic)
    {
        try
        {
            var template = topic.Contains(Brace, StringComparison.Ordinal) ? new TopicTemplate(topic) : null;
            _ = template?.Of("device") ?? new Topic(topic);
            return new Topic(topic.Replace("{device}", "device", StringComparison.Ordinal)).IsFilter || Envelope.IsOn(topic)
                ? $"expected a topic without wildcards that does not begin with sl/, got '{topic}'"
                : template is { Level: not "device" } ? $"expected {{device}} for the name of the device, got '{topic}'" : null;
        }
        catch (ArgumentException e)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>The model must prepare rows in the same way.</summary>
    private static LoadedModel? PinnedOf(ConfigEntry entry, ModelConfig model)
    {
        if (entry.Text().OrNull() is not { } text) { return null; }
        var path = entry.PathOf(text);
        try
        {
            var loaded = CompressedValues.Load(path);
            CardKeys.Require(loaded.Card);
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
                        $": if rows have this rate, or times, write model: {{ rate: {told.RowsPerSecond}/s }}")));
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
